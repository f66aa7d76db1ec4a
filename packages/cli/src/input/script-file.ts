import { gunzipSync } from 'node:zlib'
import { WatertightError } from 'watertight/errors'

/** SQL text and the name that messages give it. */
export interface Script {
  readonly name: string
  readonly text: string
}

/** A string of V8 holds no more; dumps of this size are data, which is not needed. */
const largestScript = 400_000_000

/**
 * Decodes the bytes of a script: UTF-8 or UTF-16 with a byte order mark, plain or gzipped.
 *
 * @throws INVALID_INPUT for the archive formats of pg_dump, for files that are no text, and for files
 * too large to hold.
 */
export function decodeScript(name: string, bytes: Buffer): Script {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: largestScript }) : bytes
  const refuse = (message: string, hint: string): WatertightError =>
    new WatertightError('INVALID_INPUT', `${name} ${message}`, { object: name, hint })
  const isArchive =
    plain.subarray(0, 5).toString('latin1') === 'PGDMP' ||
    plain.subarray(0, 8).toString('latin1') === 'toc.dat\0'
  if (isArchive) {
    throw refuse(
      'is a dump in custom or tar format, which only pg_restore reads',
      `Make a script of it: pg_restore --schema-only -f dump.sql ${name}`,
    )
  }
  if (plain.length > largestScript) {
    throw refuse('is too large', 'Dump without the rows: pg_dump --schema-only')
  }
  const text = decode(plain)
  if (text.includes('\0')) {
    throw refuse('is no SQL text', 'Give a plain dump (pg_dump -Fp), or a folder of .sql files.')
  }
  return { name, text }
}

function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le')
  const text = bytes.toString('utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
