import { errors } from 'jose'
import { WatertightError } from '../errors/index.js'

/**
 * SECURITY: errors about tokens have no cause: those of `jose` hold the claims, and a stack that is
 * logged would hold them too.
 */
export function refusedToken(reason: string): WatertightError {
  return new WatertightError('INVALID_TOKEN', `the bearer token was refused: ${reason}`)
}

const reasons: Readonly<Record<string, string>> = {
  [errors.JWTExpired.code]: 'it has expired',
  [errors.JOSEAlgNotAllowed.code]: 'its algorithm is not accepted',
  [errors.JOSENotSupported.code]: 'it needs something that is not supported',
  [errors.JWKSNoMatchingKey.code]: 'it names no key of the issuer',
  [errors.JWSSignatureVerificationFailed.code]: 'its signature does not match',
}

const claimReasons: Readonly<Record<string, string>> = {
  iss: 'it is of another issuer',
  aud: 'it is for another audience',
  exp: 'it has no valid expiry',
  nbf: 'it is not valid yet',
  typ: 'it is a token of another type',
}

/** What `verify` throws for an error of `jose`, without its details. */
export function verificationError(error: unknown): WatertightError {
  if (error instanceof WatertightError) return error
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refusedToken(claimReasons[error.claim] ?? 'a claim is missing or malformed')
  }
  const code = error instanceof errors.JOSEError ? error.code : ''
  return refusedToken(reasons[code] ?? 'it is malformed')
}
