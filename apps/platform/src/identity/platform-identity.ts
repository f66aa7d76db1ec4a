import type { HttpTenancyOptions } from 'watertight/http'
import type { TxManager } from 'watertight/runtime'
import { membershipCheck } from './membership-check.js'
import { platformVerifier } from './platform-verifier.js'
import type { TrustedIssuer } from './platform-verifier.js'
import type { SessionIssuer } from './session-issuer.js'
import { userCheck } from './user-check.js'

/** What `createHttpTenancy` needs to know of identity. */
export type IdentityOptions = Pick<
  HttpTenancyOptions,
  'tx' | 'verifier' | 'claims' | 'checkMembership' | 'checkUser'
>

/**
 * Tokens of OpenID issuers, session tokens and API keys, and what the database makes of them at every
 * request.
 *
 * @example
 * const http = createHttpTenancy(identityOptions(tx, [{ issuer, verifier }], sessions))
 */
export function identityOptions(
  tx: TxManager,
  issuers: readonly TrustedIssuer[],
  sessions: SessionIssuer,
): IdentityOptions {
  return {
    tx,
    verifier: platformVerifier({ tx, issuers, sessions }),
    claims: { tenant: '/tenant_id', user: '/sub', orgUnit: '/org_unit_id' },
    checkMembership: membershipCheck(tx),
    checkUser: userCheck(tx),
  }
}
