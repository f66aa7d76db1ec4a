import { WatertightError } from '../errors/index.js'

/**
 * The signature algorithms that a verifier can accept (RFC 7518, RFC 8037, RFC 9864).
 *
 * SECURITY: asymmetric ones alone. With `HS256` beside them, whoever knows the public key could
 * sign by it (algorithm confusion); `none` is no signature at all.
 */
export const asymmetricAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** Name of a signature algorithm with a public and a private key. */
export type AsymmetricAlgorithm = (typeof asymmetricAlgorithms)[number]

const known: ReadonlySet<unknown> = new Set(asymmetricAlgorithms)

/** @throws INVALID_INPUT for an empty list and for anything but asymmetric algorithms. */
export function parseAlgorithms(given: unknown): readonly AsymmetricAlgorithm[] {
  if (given === undefined) return asymmetricAlgorithms
  if (Array.isArray(given) && given.length > 0 && given.every((name) => known.has(name))) {
    return given as AsymmetricAlgorithm[]
  }
  throw new WatertightError(
    'INVALID_INPUT',
    `algorithms must be a list of ${asymmetricAlgorithms.join(', ')}`,
    { object: 'createTokenVerifier' },
  )
}
