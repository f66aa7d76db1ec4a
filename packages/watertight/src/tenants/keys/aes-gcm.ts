import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { WatertightError } from '../../errors/index.js'

/** Bytes of a key, of a nonce and of a tag (NIST SP 800-38D). */
export const keyBytes = 32
export const nonceBytes = 12
export const tagBytes = 16

/** What came out of an encryption, in the order it is stored. */
export interface Ciphertext {
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  readonly data: Uint8Array
}

/** AES-256-GCM with a fresh random nonce. */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, bound: Uint8Array): Ciphertext {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(bound)
  const data = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return { nonce, tag: cipher.getAuthTag(), data }
}

/**
 * Undoes {@link encrypt}.
 *
 * @throws SEAL_BROKEN when key, associated data or a single bit differ.
 */
export function decrypt(key: Uint8Array, sealed: Ciphertext, bound: Uint8Array): Uint8Array {
  const { nonce, tag, data } = sealed
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(bound)
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch {
    throw brokenSeal()
  }
}

/** Says nothing of what differs: whoever can try is told no more than that it does. */
export function brokenSeal(): WatertightError {
  return new WatertightError(
    'SEAL_BROKEN',
    'the sealed value was altered, or belongs to another tenant, purpose or row',
  )
}

/**
 * Texts as bytes that no other list of texts has.
 *
 * @example boundTo(['a', 'b']) // the bytes of '["a","b"]'
 */
export function boundTo(parts: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(parts))
}
