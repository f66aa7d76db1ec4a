import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** A key as its owner sees it once, and what the database keeps of it. */
export interface NewApiKey {
  readonly secret: string
  readonly prefix: string
  readonly hash: Buffer
}

const form = /^(wt_[a-z0-9]{8})_[A-Za-z0-9_-]{43}$/
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** True for what presents itself as an API key, well-formed or not. */
export function isApiKey(token: string): boolean {
  return token.startsWith('wt_')
}

/** Makes a key of 256 random bits: `wt_<8>_<43>`. */
export function generateApiKey(): NewApiKey {
  const name = Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('')
  const prefix = `wt_${name}`
  const secret = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { secret, prefix, hash: hashSecret(secret) }
}

/** The part that finds a key; null when the text is none. */
export function prefixOf(secret: string): string | null {
  return form.exec(secret)?.[1] ?? null
}

/** SHA-256: what has 256 random bits needs no slow hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Compares digests in constant time. */
export function isSameDigest(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
