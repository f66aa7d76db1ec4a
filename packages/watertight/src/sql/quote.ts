import { WatertightError } from '../errors/index.js'
import { reservedWords } from './reserved-words.js'

/** Longest identifier in bytes: NAMEDATALEN - 1 (manual, section 4.1.1). */
export const maxIdentifierBytes = 63

const encoder = new TextEncoder()

/** Length of a name in bytes of UTF-8, which is what PostgreSQL's limit counts. */
export function byteLength(name: string): number {
  return encoder.encode(name).length
}

/**
 * Quotes an identifier the way `quote_ident()` does: only when it has to be, so that generated SQL
 * equals what PostgreSQL prints.
 *
 * @throws INVALID_IDENTIFIER when empty, with a NUL or half a surrogate pair, or over 63 bytes.
 */
export function quoteIdentifier(name: string): string {
  // Nearly every name is plain, and planning quotes a great many.
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name) && !reservedWords.has(name)) return name
  // Half a surrogate pair has no UTF-8; the driver would send another character in its place.
  if (name === '' || /[\0\p{Cs}]/u.test(name) || byteLength(name) > maxIdentifierBytes) {
    throw new WatertightError(
      'INVALID_IDENTIFIER',
      `not a PostgreSQL identifier (1 to ${maxIdentifierBytes} bytes, Unicode, no NUL): ${JSON.stringify(name)}`,
      { object: name },
    )
  }
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Quotes a string literal. A backslash switches to the `E''` form, so the result means the same
 * whatever `standard_conforming_strings` says.
 */
export function quoteLiteral(value: string): string {
  if (value.includes('\0')) {
    throw new WatertightError('INVALID_INPUT', 'a PostgreSQL string cannot hold a NUL character')
  }
  const doubled = value.replaceAll("'", "''")
  return value.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
