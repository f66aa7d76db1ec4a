import { createHmac } from 'node:crypto'
import type { SigningKey } from './signing-key.js'
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
  const { mode, expiresAt, tenantId, userId, orgScope, orgUnitId, accessGrantId } = context
  const claims = [tenantId, userId, orgScope, orgUnitId, accessGrantId].map(escapeClaim).join('.')
  const capabilities = context.capabilities.map(escapeClaim).join(',')
  const signed = `${key.kid}.v2-${mode}.${expiresAt}.${claims}.${capabilities}`
  return `${createHmac('sha256', key.secret).update(signed, 'latin1').digest('hex')}.${signed}`
}
