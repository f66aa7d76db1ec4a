import { KeyObject } from 'node:crypto'
import type { webcrypto } from 'node:crypto'
import { createLocalJWKSet, errors } from 'jose'
import type { CryptoKey, FlattenedJWSInput, JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose'
import { WatertightError } from '../errors/index.js'

/** Finds the key for the header of a token. */
export type KeyResolver = (
  header: JWSHeaderParameters,
  token: FlattenedJWSInput,
) => Promise<CryptoKey>

/** Public keys as an application holds them. */
export type StaticKeys = JSONWebKeySet | JWK | KeyObject | webcrypto.CryptoKey

const asymmetricTypes: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP'])

/**
 * SECURITY: a symmetric key in a published set is known to all, and so is a private one; neither
 * verifies anything.
 */
function isPublicKey(key: unknown): key is JWK {
  if (typeof key !== 'object' || key === null) return false
  return asymmetricTypes.has((key as JWK).kty) && !Object.hasOwn(key, 'd')
}

function keysOf(value: unknown): readonly unknown[] | null {
  if (typeof value !== 'object' || value === null) return null
  const { keys } = value as { keys?: unknown }
  return Array.isArray(keys) ? keys : null
}

/** The public asymmetric keys of a JSON Web Key Set; null when it is not one. */
export function publicKeysOf(value: unknown): readonly JWK[] | null {
  return keysOf(value)?.filter(isPublicKey) ?? null
}

/** Picks keys by `kid`, `alg`, `use` and type, as RFC 7517 has it; keys without names fit any name. */
export function keyResolver(keys: readonly JWK[]): KeyResolver {
  const resolve = createLocalJWKSet({ keys: [...keys] })
  if (keys.some(({ kid }) => kid !== undefined)) return resolve
  return ({ kid: _name, ...header }, token) => resolve(header, token)
}

/** True for the error of a set that holds no key for a token. */
export function isUnknownKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey
}

/**
 * A resolver for keys that were given rather than fetched.
 *
 * @throws INVALID_INPUT when one of them is symmetric or private, or when there is none.
 */
export function staticKeys(given: StaticKeys): KeyResolver {
  const keys = keysOf(given) ?? [asJwk(given)]
  if (keys.length === 0 || !keys.every(isPublicKey)) {
    throw new WatertightError(
      'INVALID_INPUT',
      'jwks must be the URL of a key set, or public RSA, EC or OKP keys',
      {
        object: 'createTokenVerifier',
        hint: 'Give what the issuer publishes, without private keys.',
      },
    )
  }
  return keyResolver(keys)
}

function asJwk(given: unknown): unknown {
  try {
    const key = given instanceof KeyObject ? given : KeyObject.from(given as webcrypto.CryptoKey)
    // SECURITY: never exports a secret or private key, not even to refuse it.
    return key.type === 'public' ? key.export({ format: 'jwk' }) : null
  } catch {
    return given
  }
}
