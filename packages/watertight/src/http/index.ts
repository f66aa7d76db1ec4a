export type { AsymmetricAlgorithm } from './asymmetric-algorithms.js'
export { asymmetricAlgorithms } from './asymmetric-algorithms.js'
export { authorizationOf } from './bearer-token.js'
export type { ClaimMapping, ClaimSource } from './claim-mapping.js'
export type { ClaimPreset } from './claim-presets.js'
export { authorizationOfHeaders, problemResponse } from './fetch-api.js'
export { createHttpTenancy } from './http-tenancy.js'
export type {
  HttpTenancy,
  HttpTenancyOptions,
  Membership,
  MembershipAnswer,
  UserAnswer,
} from './http-tenancy.js'
export type { Identity, Principal } from './principal.js'
export { problemOf } from './problem.js'
export type { Problem, ProblemBody, ProblemOptions } from './problem.js'
export type { RemoteKeyOptions } from './remote-key-set.js'
export type { RequestTenancy, TransactionPort } from './request-tenancy.js'
export { requireCapability } from './require-capability.js'
export { createTokenVerifier } from './token-verifier.js'
export type {
  TokenClaims,
  TokenVerifier,
  TokenVerifierOptions,
  VerifiedToken,
} from './token-verifier.js'
export type { StaticKeys } from './verification-keys.js'
