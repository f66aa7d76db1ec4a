import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'

/** An ES256 key as a JSON Web Key (RFC 7517). */
export interface ProviderKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly d: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** Makes the key of one run. */
export async function freshSigningKey(): Promise<ProviderKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { x = '', y = '', d = '' } = await exportJWK(privateKey)
  const kid = randomBytes(8).toString('hex')
  return { kty: 'EC', crv: 'P-256', x, y, d, kid, alg: 'ES256', use: 'sig' }
}

/** What verifies signatures of the key, and makes none. */
export function publicPartOf({ d: _private, ...key }: ProviderKey): Omit<ProviderKey, 'd'> {
  return key
}
