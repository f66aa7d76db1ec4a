import type { TokenClaims } from './token-verifier.js'

/** Where a claim is: a JSON pointer (RFC 6901) such as `/org_id`, or a function of all claims. */
export type ClaimSource = string | ((claims: TokenClaims) => unknown)

/** Which claims of a token say who calls, and for which tenant. */
export interface ClaimMapping {
  readonly tenant: ClaimSource
  /** `/sub` by default. */
  readonly user?: ClaimSource
  /** An array of strings, or one string with spaces between; none by default. */
  readonly capabilities?: ClaimSource
  /** `unit`, `subtree` or `all`; none by default. */
  readonly orgScope?: ClaimSource
  readonly orgUnit?: ClaimSource
}
