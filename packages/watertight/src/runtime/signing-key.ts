import { createHash, randomBytes } from 'node:crypto'
import { WatertightError } from '../errors/index.js'

/** The secret that signs contexts, with the id that rotation knows it by. */
export interface SigningKey {
  /** 1 to 32 characters of `A-Za-z0-9_-`. */
  readonly kid: string
  /** At least 32 bytes. Not enumerable on keys made here, so that logs and JSON leave it out. */
  readonly secret: Uint8Array
}

/** Least length of a secret in bytes: that of the SHA-256 digest (RFC 2104, section 3). */
const minSecretBytes = 32

const kidPattern = /^[A-Za-z0-9_-]{1,32}$/
const blockBytes = 64

function invalid(message: string): WatertightError {
  return new WatertightError('INVALID_SIGNING_KEY', message, {
    object: 'signing key',
    hint: '`watertight keys add --out FILE` makes one that the database knows.',
  })
}

/**
 * Returns the key with its parts checked.
 *
 * @throws INVALID_SIGNING_KEY when the id is malformed or the secret shorter than 32 bytes.
 */
export function checkSigningKey(key: SigningKey): SigningKey {
  if (typeof key !== 'object' || key === null || typeof key.kid !== 'string') {
    throw invalid('a signing key must be an object with kid and secret')
  }
  if (!kidPattern.test(key.kid)) {
    throw invalid('the id of a signing key must be 1 to 32 characters of A-Z, a-z, 0-9, _ and -')
  }
  if (!(key.secret instanceof Uint8Array) || key.secret.length < minSecretBytes) {
    throw invalid(`the secret of signing key ${key.kid} must be at least ${minSecretBytes} bytes`)
  }
  return key
}

function makeSigningKey(kid: string, secret: Uint8Array): SigningKey {
  const key = Object.defineProperty({ kid }, 'secret', { value: secret, enumerable: false })
  return Object.freeze(checkSigningKey(key as SigningKey))
}

/**
 * Reads the text form `<kid>:<base64url of secret>`, as kept in `WATERTIGHT_SIGNING_KEY`.
 *
 * @throws INVALID_SIGNING_KEY when malformed; the text is never repeated in the message.
 */
export function parseSigningKey(text: string | undefined): SigningKey {
  if (text === undefined || text.trim() === '') {
    throw invalid('no signing key was given; is WATERTIGHT_SIGNING_KEY set?')
  }
  const match = typeof text === 'string' ? /^([^:]*):([A-Za-z0-9_-]+)$/.exec(text.trim()) : null
  const [, kid = '', encoded = ''] = match ?? []
  const secret = Buffer.from(encoded, 'base64url')
  if (match === null || secret.toString('base64url') !== encoded) {
    throw invalid('a signing key is written <kid>:<base64url of the secret>')
  }
  return makeSigningKey(kid, secret)
}

/** The text form of a key; keep it secret. Reverse of {@link parseSigningKey}. */
export function formatSigningKey(key: SigningKey): string {
  const { kid, secret } = checkSigningKey(key)
  return `${kid}:${Buffer.from(secret).toString('base64url')}`
}

/** A fresh key of 32 random bytes, by default under a random id. */
export function generateSigningKey(kid: string = `k${randomBytes(6).toString('hex')}`): SigningKey {
  return makeSigningKey(kid, randomBytes(minSecretBytes))
}

/** What `watertight.signing_keys` holds of a key. */
export interface HmacPads {
  /** 64 bytes: the key xor `ipad`. */
  readonly inner: Buffer
  /** 64 bytes: the key xor `opad`. */
  readonly outer: Buffer
}

/**
 * The two pads of HMAC-SHA-256 (RFC 2104), with which the server computes the MAC by core
 * functions alone: `sha256(outer || sha256(inner || message))`.
 */
export function hmacPads(secret: Uint8Array): HmacPads {
  const short =
    secret.length > blockBytes ? createHash('sha256').update(secret).digest() : Buffer.from(secret)
  const block = Buffer.alloc(blockBytes)
  short.copy(block)
  return { inner: xored(block, 0x36), outer: xored(block, 0x5c) }
}

function xored(block: Buffer, pad: number): Buffer {
  return Buffer.from(block.map((byte) => byte ^ pad))
}
