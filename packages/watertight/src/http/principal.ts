import { WatertightError } from '../errors/index.js'
import { parseId } from '../runtime/identifier-value.js'
import type { OrgScope, ParseContextOptions } from '../runtime/index.js'
import type { MappedClaims } from './claim-reader.js'
import { refusedToken } from './token-errors.js'
import type { TokenClaims, VerifiedToken } from './token-verifier.js'

type KeyTypes = NonNullable<ParseContextOptions['keyTypes']>

/** Who calls, by a verified token. */
export interface Identity {
  readonly userId: string
  /** From when on the token is refused, in seconds since 1970. */
  readonly expiresAt: number
  /** All claims of the token. */
  readonly claims: TokenClaims
}

/** Who calls, and for which tenant, by a verified token. Not yet known to be a member of it. */
export interface Principal extends Identity {
  readonly tenantId: string
  /** As the token has them; `parseTenantContext` refuses what is no list of strings. */
  readonly capabilities: readonly string[]
  readonly orgScope: OrgScope | null
  readonly orgUnitId: string | null
}

/**
 * Reads who calls, whatever tenant the token names.
 *
 * @throws INVALID_TOKEN without a user, INVALID_CONTEXT for a malformed one.
 */
export function parseIdentity(
  { claims, refusedFrom }: VerifiedToken,
  mapped: MappedClaims,
  types: KeyTypes,
): Identity {
  return Object.freeze({ userId: userOf(mapped, types), expiresAt: refusedFrom, claims })
}

/**
 * Reads a principal. Ids must have the type that tokens have them in, before anything of the
 * application sees them.
 *
 * @throws NO_TENANT without a tenant or with a malformed one, INVALID_TOKEN without a user,
 * INVALID_CONTEXT for other malformed claims.
 */
export function parsePrincipal(
  { claims, refusedFrom }: VerifiedToken,
  mapped: MappedClaims,
  types: KeyTypes,
): Principal {
  const tenant = parseId(mapped.tenant, types.tenant ?? 'uuid')
  if (!tenant.ok) {
    throw new WatertightError('NO_TENANT', `the tenant claim of the token ${tenant.message}`, {
      hint: 'Check which claim names the tenant (claims) and the type of its id (claimTypes).',
    })
  }
  return Object.freeze({
    tenantId: tenant.id,
    userId: userOf(mapped, types),
    capabilities: capabilitiesOf(mapped.capabilities),
    orgScope: (mapped.orgScope ?? null) as OrgScope | null,
    orgUnitId: orgUnitOf(mapped.orgUnit, types),
    expiresAt: refusedFrom,
    claims,
  })
}

function userOf(mapped: MappedClaims, types: KeyTypes): string {
  if (mapped.user === undefined || mapped.user === null) throw refusedToken('it names no user')
  const user = parseId(mapped.user, types.user ?? 'uuid')
  if (user.ok) return user.id
  throw malformed('userId', `the user claim of the token ${user.message}`)
}

function capabilitiesOf(value: unknown): readonly string[] {
  const list = value ?? []
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  throw malformed('capabilities', 'the capabilities of the token are no list of strings')
}

function orgUnitOf(value: unknown, types: KeyTypes): string | null {
  if (value === undefined || value === null) return null
  const unit = parseId(value, types.orgUnit ?? 'uuid')
  if (unit.ok) return unit.id
  throw malformed('orgUnitId', `the org unit claim of the token ${unit.message}`)
}

function malformed(path: string, message: string): WatertightError {
  return new WatertightError('INVALID_CONTEXT', message, { problems: [{ path, message }] })
}
