import { hash } from 'node:crypto'
import type { SigningKey } from './signing-key.js'
import { hmacPads } from './signing-key.js'
import type { TenantContext } from './tenant-context.js'

/** What stands for itself in a claim: neither separator, nor `\`, nor anything beyond ASCII. */
const plain = /^[\w:@/+=~-]*$/

/**
 * A claim in PostgreSQL's escape format of `bytea`: every other byte of its UTF-8 as `\ooo`, so that
 * neither the fields nor the MAC depend on what the claim holds.
 *
 * @example escapeClaim('a.b') // 'a\\056b'
 */
export function escapeClaim(claim: string | null): string {
  if (claim === null || plain.test(claim)) return claim ?? ''
  const bytes = Array.from(Buffer.from(claim), (byte) => {
    const character = String.fromCharCode(byte)
    return plain.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return bytes.join('')
}

/**
 * The token a transaction puts into `watertight.context`: `<mac>.<kid>.v2-<mode>.<expiry>.<tenant>
 * .<user>.<org scope>.<org unit>.<access grant>.<capability>,<capability>…`, absent claims empty. The
 * MAC is HMAC-SHA-256 (RFC 2104), in hexadecimal, over everything after its point. Fields are what
 * PostgreSQL takes apart fastest (`split_part`), and every statement verifies a token.
 *
 * @example
 * ```ts
 * signContext(context, key)
 * // 5f1c….k1.v2-member.1767225600.0195b4f0-5b5c-7000-8000-000000000001.....
 * ```
 */
export function signContext(context: TenantContext, key: SigningKey): string {
  return withMac(claimsText(context, key.kid), key)
}

/** What the MAC of a token covers. */
export function claimsText(context: TenantContext, kid: string): string {
  const { mode, expiresAt, tenantId, userId, orgScope, orgUnitId, accessGrantId } = context
  const place = `${escapeClaim(tenantId)}.${escapeClaim(userId)}.${escapeClaim(orgScope)}`
  const rest = `${escapeClaim(orgUnitId)}.${escapeClaim(accessGrantId)}`
  const capabilities = context.capabilities.map(escapeClaim).join(',')
  return `${kid}.v2-${mode}.${expiresAt}.${place}.${rest}.${capabilities}`
}

interface Block {
  /** The pad, followed by room for what is hashed after it. */
  readonly inner: Buffer
  readonly outer: Buffer
}

const blocks = new WeakMap<Uint8Array, Block>()
const padBytes = 64

function blockOf({ secret }: SigningKey): Block {
  const known = blocks.get(secret)
  if (known !== undefined) return known
  const pads = hmacPads(secret)
  const room = (pad: Buffer, bytes: number): Buffer => Buffer.concat([pad, Buffer.alloc(bytes)])
  const block = { inner: room(pads.inner, 2048), outer: room(pads.outer, 32) }
  blocks.set(secret, block)
  return block
}

/**
 * A token: the MAC of the claims, and the claims. HMAC as two hashes, because `createHmac` costs three
 * times what they do.
 */
export function withMac(claims: string, key: SigningKey): string {
  const { inner, outer } = blockOf(key)
  const length = padBytes + claims.length
  const message = length <= inner.length ? inner : Buffer.alloc(length, inner.subarray(0, padBytes))
  // Claims are ASCII: a byte each.
  message.write(claims, padBytes, 'latin1')
  hash('sha256', message.subarray(0, length), 'buffer').copy(outer, padBytes)
  return `${hash('sha256', outer, 'hex')}.${claims}`
}
