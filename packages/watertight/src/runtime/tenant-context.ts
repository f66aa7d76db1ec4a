declare const contextBrand: unique symbol

/** What a context acts as. Exactly one per context; each mode runs as its own database role. */
export type ContextMode = 'member' | 'auditor' | 'platform' | 'public' | 'worker'

/** Which org units of the tenant a member or worker acts on. */
export type OrgScope = 'unit' | 'subtree' | 'all'

/** The shape all contexts share; what a mode does not have is null there, never missing. */
interface Claims<Mode extends ContextMode> {
  readonly [contextBrand]: true
  readonly mode: Mode
  /** Expiry in seconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number
}

interface TenantClaims {
  readonly tenantId: string
  readonly userId: string | null
  readonly orgScope: OrgScope | null
  /** The unit that `unit` and `subtree` start from. */
  readonly orgUnitId: string | null
  /** Sorted, without repetition. */
  readonly capabilities: readonly string[]
  readonly accessGrantId: null
}

interface NoOrgClaims {
  readonly orgScope: null
  readonly orgUnitId: null
  readonly capabilities: readonly []
}

/** A user outside of any tenant. */
interface UserClaims extends NoOrgClaims {
  readonly tenantId: null
  readonly userId: string
  readonly accessGrantId: null
}

/** A background job that looks for tenants with work. */
interface SearchClaims extends NoOrgClaims {
  readonly tenantId: null
  readonly userId: string | null
  readonly accessGrantId: null
}

/** A user of one tenant, or outside of any. */
export type MemberContext = Claims<'member'> & (TenantClaims | UserClaims)

/** A background job of one tenant, or one that looks for tenants with work. */
export type WorkerContext = Claims<'worker'> & (TenantClaims | SearchClaims)

/** A read-only, redacted, time-boxed visitor of one tenant, by an access grant. */
export interface AuditorContext extends Claims<'auditor'>, NoOrgClaims {
  readonly tenantId: string
  readonly userId: string
  readonly accessGrantId: string
}

/** Platform staff: without a tenant, or inside one by an access grant. */
export interface PlatformContext extends Claims<'platform'>, NoOrgClaims {
  readonly tenantId: string | null
  readonly userId: string
  readonly accessGrantId: string | null
}

/** Anyone: only rows and columns that the model declares public. */
export interface PublicContext extends Claims<'public'>, NoOrgClaims {
  readonly tenantId: null
  readonly userId: null
  readonly accessGrantId: null
}

/**
 * The claims one transaction runs under: parsed, branded, deeply frozen. Only
 * `parseTenantContext` makes one.
 */
export type TenantContext =
  MemberContext | WorkerContext | AuditorContext | PlatformContext | PublicContext

/** True when both grant the same rights to the same principal; the expiry is not compared. */
export function isSameContext(left: TenantContext, right: TenantContext): boolean {
  return (
    left.mode === right.mode &&
    left.tenantId === right.tenantId &&
    left.userId === right.userId &&
    left.orgScope === right.orgScope &&
    left.orgUnitId === right.orgUnitId &&
    left.accessGrantId === right.accessGrantId &&
    left.capabilities.length === right.capabilities.length &&
    left.capabilities.every((capability, index) => capability === right.capabilities[index])
  )
}
