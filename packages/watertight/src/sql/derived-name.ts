import { byteLength, maxIdentifierBytes } from './quote.js'

/** FNV-1a over UTF-16 code units, 32 bits in base 36: short, stable, enough to tell cut names apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return hash.toString(36).padStart(7, '0')
}

/** The longest prefix of `name` that fits into `bytes` bytes without cutting a character in two. */
function cutToBytes(name: string, bytes: number): string {
  let result = ''
  let used = 0
  for (const character of name) {
    used += byteLength(character)
    if (used > bytes) break
    result += character
  }
  return result
}

/**
 * A name built from others that always fits PostgreSQL's 63 bytes: when it has to be cut, a
 * fingerprint of the whole takes the place of the lost part, so two long names stay two names.
 *
 * @example
 * ```ts
 * derivedName(['orders'], 'tenant_idx') // orders_tenant_idx
 * derivedName(['a'.repeat(63)], 'tenant_idx') // aaaa…_1n7a2bc_tenant_idx, 63 bytes
 * ```
 */
export function derivedName(parts: readonly string[], suffix: string): string {
  const stem = parts.join('_')
  const whole = `${stem}_${suffix}`
  if (byteLength(whole) <= maxIdentifierBytes) return whole
  const tail = `_${fingerprint(JSON.stringify(parts))}_${suffix}`
  return cutToBytes(stem, maxIdentifierBytes - byteLength(tail)) + tail
}
