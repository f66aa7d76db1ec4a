import { WatertightError } from '../errors/index.js'
import { parseTenantContext } from '../runtime/index.js'
import type {
  OrgScope,
  ParseContextOptions,
  TenantContext,
  TenantContextInput,
} from '../runtime/index.js'
import { bearerToken } from './bearer-token.js'
import type { ClaimMapping } from './claim-mapping.js'
import type { ClaimPreset } from './claim-presets.js'
import { claimReader } from './claim-reader.js'
import type { Identity, Principal } from './principal.js'
import { parseIdentity, parsePrincipal } from './principal.js'
import type { Problem } from './problem.js'
import { problemOf } from './problem.js'
import type { RequestTenancy, TransactionPort } from './request-tenancy.js'
import type { TokenVerifier, VerifiedToken } from './token-verifier.js'

/** What a membership check knows better than the token; what it leaves out is the token's. */
export interface Membership {
  readonly tenantId?: string | bigint
  readonly userId?: string | bigint
  readonly capabilities?: readonly string[]
  readonly orgScope?: OrgScope | null
  readonly orgUnitId?: string | bigint | null
  /**
   * `member` by default. The others enter by an access grant and have neither org scope nor
   * capabilities: the grant says what they may do, and the database checks it.
   */
  readonly mode?: 'member' | 'auditor' | 'platform'
  /** Of the modes that enter by one. */
  readonly accessGrantId?: string | bigint | null
}

/** `true` or a {@link Membership} admits; everything else is 404. */
export type MembershipAnswer = boolean | Membership | null | undefined

/** The claims of a context without its expiry, which is that of the token; else 404. */
export type UserAnswer = Omit<TenantContextInput, 'expiresAt'> | null | undefined

export interface HttpTenancyOptions {
  readonly tx: TransactionPort
  readonly verifier: TokenVerifier
  /** Which claims name tenant and user: the preset of an identity provider, or a mapping. */
  readonly claims: ClaimPreset | ClaimMapping
  /**
   * Asked at every request, so that a revoked membership and an archived tenant take effect at
   * once. It gets ids of the types in `claimTypes` and may replace them by ids of your own.
   */
  readonly checkMembership?: (
    principal: Principal,
  ) => MembershipAnswer | PromiseLike<MembershipAnswer>
  /**
   * Asked at every request to a route without a tenant: which context the user has there, as of
   * platform staff outside of any tenant. Such routes are refused where it is left out.
   */
  readonly checkUser?: (identity: Identity) => UserAnswer | PromiseLike<UserAnswer>
  /** Types of the ids in the database; `uuid` by default. */
  readonly keyTypes?: ParseContextOptions['keyTypes']
  /** Types of the ids in the token, where `checkMembership` replaces them; as `keyTypes` else. */
  readonly claimTypes?: ParseContextOptions['keyTypes']
  /** Longest life of the context of one request, in seconds; 60 by default. */
  readonly maxContextSeconds?: number
  /** Named in `WWW-Authenticate`; `api` by default. */
  readonly realm?: string
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** Told why a request was refused or failed; the client gets the code alone. For your log. */
  readonly onRefused?: (error: unknown, problem: Problem) => void
}

/** From the header of a request to the context it runs under; what all adapters are made of. */
export interface HttpTenancy {
  readonly tx: TransactionPort
  /**
   * Verifies the token, asks for membership, makes the context.
   *
   * @throws UNAUTHENTICATED, INVALID_TOKEN, NO_TENANT, INVALID_CONTEXT, NOT_FOUND,
   * KEYS_UNAVAILABLE; what `checkMembership` throws.
   */
  authenticate(authorization: readonly string[]): Promise<RequestTenancy>
  /**
   * Verifies the token and asks `checkUser`, for a route that was marked as one of users: whatever
   * tenant the token names does not count.
   *
   * @throws as {@link HttpTenancy.authenticate}, but for NO_TENANT.
   */
  identify(authorization: readonly string[]): Promise<RequestTenancy>
  /** The tenancy of a route that was marked public: mode `public`, no tenant, no user. */
  visitor(): RequestTenancy
  /** What the client is told of an error; tells `onRefused`. */
  refuse(error: unknown): Problem
}

/**
 * Joins token verifier, claims, membership and transactions.
 *
 * @throws INVALID_INPUT for an unknown preset, a malformed mapping or lifetime.
 *
 * @example
 * ```ts
 * const http = createHttpTenancy({
 *   tx,
 *   verifier: createTokenVerifier({ issuer, audience, jwks }),
 *   claims: 'auth0',
 *   keyTypes: { tenant: 'text', user: 'text' },
 *   checkMembership: ({ tenantId, userId }) => members.has(tenantId, userId),
 * })
 * app.use(tenancy(http)) // Express; Fastify, Hono, Nest and Next likewise
 * ```
 */
export function createHttpTenancy(options: HttpTenancyOptions): HttpTenancy {
  const { tx, verifier, now = Date.now, keyTypes = {}, checkMembership, checkUser } = options
  const readClaims = claimReader(options.claims)
  const claimTypes = { ...keyTypes, ...options.claimTypes }
  const maxSeconds = lifetime(options.maxContextSeconds ?? 60)
  const realm = options.realm ?? 'api'
  const latest = (): number => Math.floor(now() / 1000) + maxSeconds

  function tenancyOf(
    context: TenantContext,
    principal: Principal | null,
    identity: Identity | null = principal,
  ): RequestTenancy {
    return Object.freeze({ context, principal, identity, tx: tx.as(context) })
  }

  function verify(authorization: readonly string[]): Promise<VerifiedToken> {
    return verifier.verify(bearerToken(authorization, verifier.maxTokenBytes))
  }

  async function membershipOf(principal: Principal): Promise<Membership> {
    const answer =
      checkMembership === undefined ? true : await beforeWork(() => checkMembership(principal))
    if (answer === true) return {}
    // SECURITY: unknown, archived and foreign look the same, and what is no answer is a refusal.
    if (typeof answer !== 'object' || answer === null) throw notFound()
    return answer
  }

  return {
    tx,
    async authenticate(authorization) {
      const verified = await verify(authorization)
      const principal = parsePrincipal(verified, readClaims(verified.claims), claimTypes)
      const membership = await membershipOf(principal)
      const expiresAt = Math.min(principal.expiresAt, latest())
      const claims = { ...claimsOf(principal, membership), expiresAt }
      return tenancyOf(parseTenantContext(claims, { keyTypes, now }), principal)
    },
    async identify(authorization) {
      if (checkUser === undefined) throw withoutUsers()
      const verified = await verify(authorization)
      const identity = parseIdentity(verified, readClaims(verified.claims), claimTypes)
      const answer: unknown = await beforeWork(() => checkUser(identity))
      if (typeof answer !== 'object' || answer === null) throw notFound()
      const claims = { ...answer, expiresAt: Math.min(identity.expiresAt, latest()) }
      return tenancyOf(parseTenantContext(claims, { keyTypes, now }), null, identity)
    },
    visitor: () => tenancyOf(parseTenantContext({ mode: 'public', expiresAt: latest() }), null),
    refuse(error) {
      const problem = problemOf(error, { realm })
      const { onRefused } = options
      // In a task of its own: what the hook throws cannot replace the answer.
      if (onRefused !== undefined) queueMicrotask(() => onRefused(error, problem))
      return problem
    },
  }
}

function claimsOf(principal: Principal, membership: Membership): object {
  const { mode = 'member', accessGrantId } = membership
  const ids = {
    tenantId: membership.tenantId ?? principal.tenantId,
    userId: membership.userId ?? principal.userId,
  }
  // Without a grant the context is refused as it is parsed: only a grant opens another mode.
  if (mode !== 'member') return { mode, ...ids, accessGrantId: accessGrantId ?? null }
  return {
    mode,
    ...ids,
    capabilities: membership.capabilities ?? principal.capabilities,
    ...scopeOf(membership.orgScope === undefined ? principal : membership),
  }
}

/** INVARIANT: scope and unit come from the same place; the unit of one under the scope of the other widens. */
function scopeOf({ orgScope, orgUnitId }: Pick<Membership, 'orgScope' | 'orgUnitId'>): object {
  return { orgScope: orgScope ?? null, orgUnitId: orgUnitId ?? null }
}

function lifetime(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds
  throw new WatertightError(
    'INVALID_INPUT',
    'maxContextSeconds must be a whole number from 1 to 86400',
    { object: 'createHttpTenancy' },
  )
}

/**
 * Asks who the caller is. Whether that transaction was committed says nothing of the request, whose work
 * has not begun: it can be repeated.
 *
 * @throws CONNECTION_FAILED where the question ended in OUTCOME_UNKNOWN.
 */
async function beforeWork<Answer>(ask: () => Answer | PromiseLike<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof WatertightError) || cause.code !== 'OUTCOME_UNKNOWN') throw cause
    const message = 'the connection was lost before the work of the request began'
    throw new WatertightError('CONNECTION_FAILED', message, { cause })
  }
}

function withoutUsers(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'routes of users need the option checkUser', {
    object: 'createHttpTenancy',
  })
}

function notFound(): WatertightError {
  return new WatertightError('NOT_FOUND', 'no such tenant for this caller')
}
