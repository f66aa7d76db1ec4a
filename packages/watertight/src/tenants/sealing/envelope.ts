import { brokenSeal, nonceBytes, tagBytes } from '../keys/aes-gcm.js'
import type { Ciphertext } from '../keys/aes-gcm.js'

/**
 * A sealed value as it is stored, describing itself:
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | `wts1`, the format |
 * | 4 | version of the tenant's key, big-endian |
 * | 2 | length of the wrapped data key, big-endian |
 * | … | the data key, wrapped with the tenant's key |
 * | 12 | nonce |
 * | 16 | tag |
 * | … | the value, AES-256-GCM |
 */
export interface Envelope extends Ciphertext {
  readonly keyVersion: number
  readonly wrappedKey: Uint8Array
}

const format = Buffer.from('wts1')
const fixedBytes = format.length + 4 + 2

/** The part before the ciphertext, which is authenticated with it. */
export function headerOf({ keyVersion, wrappedKey }: Omit<Envelope, keyof Ciphertext>): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt32BE(keyVersion, 0)
  head.writeUInt16BE(wrappedKey.length, 4)
  return Buffer.concat([format, head, wrappedKey])
}

/** The bytes to store. */
export function formatEnvelope(envelope: Envelope): Buffer {
  return Buffer.concat([headerOf(envelope), envelope.nonce, envelope.tag, envelope.data])
}

/** @throws SEAL_BROKEN for anything that {@link formatEnvelope} never made. */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (all.length < fixedBytes || !all.subarray(0, format.length).equals(format)) throw brokenSeal()
  const keyVersion = all.readUInt32BE(4)
  const nonceFrom = fixedBytes + all.readUInt16BE(8)
  const tagFrom = nonceFrom + nonceBytes
  const dataFrom = tagFrom + tagBytes
  if (keyVersion === 0 || nonceFrom === fixedBytes || all.length < dataFrom) throw brokenSeal()
  return {
    keyVersion,
    wrappedKey: all.subarray(fixedBytes, nonceFrom),
    nonce: all.subarray(nonceFrom, tagFrom),
    tag: all.subarray(tagFrom, dataFrom),
    data: all.subarray(dataFrom),
  }
}

/**
 * The version of the tenant's key that a stored value was sealed with.
 *
 * @throws SEAL_BROKEN when it is no sealed value.
 */
export function sealedWith(bytes: Uint8Array): number {
  return parseEnvelope(bytes).keyVersion
}
