import { WatertightError } from '../errors/index.js'
import { parseTenantContext } from '../runtime/index.js'
import type { OrgScope, ParseContextOptions, TenantContext } from '../runtime/index.js'
import { bearerToken } from './bearer-token.js'
import type { ClaimMapping } from './claim-mapping.js'
import type { ClaimPreset } from './claim-presets.js'
import { claimReader } from './claim-reader.js'
import type { Principal } from './principal.js'
import { parsePrincipal } from './principal.js'
import type { Problem } from './problem.js'
import { problemOf } from './problem.js'
import type { RequestTenancy, TransactionPort } from './request-tenancy.js'
import type { TokenVerifier } from './token-verifier.js'

/** What a membership check knows better than the token; what it leaves out is the token's. */
export interface Membership {
  readonly tenantId?: string | bigint
  readonly userId?: string | bigint
  readonly capabilities?: readonly string[]
  readonly orgScope?: OrgScope | null
  readonly orgUnitId?: string | bigint | null
}

/** `true` or a {@link Membership} admits; everything else is 404. */
export type MembershipAnswer = boolean | Membership | null | undefined

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
  const { tx, verifier, now = Date.now, keyTypes = {}, checkMembership } = options
  const readClaims = claimReader(options.claims)
  const claimTypes = { ...keyTypes, ...options.claimTypes }
  const maxSeconds = lifetime(options.maxContextSeconds ?? 60)
  const realm = options.realm ?? 'api'
  const latest = (): number => Math.floor(now() / 1000) + maxSeconds

  function tenancyOf(context: TenantContext, principal: Principal | null): RequestTenancy {
    return Object.freeze({ context, principal, tx: tx.as(context) })
  }

  async function membershipOf(principal: Principal): Promise<Membership> {
    const answer = checkMembership === undefined ? true : await checkMembership(principal)
    if (answer === true) return {}
    // SECURITY: unknown, archived and foreign look the same, and what is no answer is a refusal.
    if (typeof answer !== 'object' || answer === null) throw notFound()
    return answer
  }

  return {
    tx,
    async authenticate(authorization) {
      const token = bearerToken(authorization, verifier.maxTokenBytes)
      const verified = await verifier.verify(token)
      const principal = parsePrincipal(verified, readClaims(verified.claims), claimTypes)
      const membership = await membershipOf(principal)
      const context = parseTenantContext(
        {
          mode: 'member',
          tenantId: membership.tenantId ?? principal.tenantId,
          userId: membership.userId ?? principal.userId,
          capabilities: membership.capabilities ?? principal.capabilities,
          ...scopeOf(membership.orgScope === undefined ? principal : membership),
          expiresAt: Math.min(principal.expiresAt, latest()),
        },
        { keyTypes, now },
      )
      return tenancyOf(context, principal)
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

function notFound(): WatertightError {
  return new WatertightError('NOT_FOUND', 'no such tenant for this caller')
}
