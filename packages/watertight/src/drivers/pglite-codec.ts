import { arrayText, isComposite, scalarText } from './value-text.js'
import type { WireCodec } from './wire-codec.js'

/** How a PGlite database converts values; its options can add to it. */
export interface PgliteConversions {
  readonly parsers: Readonly<Record<number, (text: string, type?: number) => unknown>>
  readonly serializers: Readonly<Record<number, (value: unknown) => string>>
}

const errorFields: Readonly<Record<string, string>> = {
  S: 'severity',
  C: 'code',
  D: 'detail',
  H: 'hint',
  P: 'position',
  W: 'where',
  s: 'schema',
  t: 'table',
  c: 'column',
  d: 'dataType',
  n: 'constraint',
  R: 'routine',
}

/** The error of an ErrorResponse, with the field names of PGlite and `pg`. */
export function pgliteError(fields: ReadonlyMap<string, string>): Error {
  const named: Record<string, string> = {}
  for (const [letter, text] of fields) {
    const name = errorFields[letter]
    if (name !== undefined) named[name] = text
  }
  return Object.assign(new Error(fields.get('M') ?? 'the server reported an error'), named)
}

/** Converts values and rows by the parsers and serializers of a PGlite database. */
export function pgliteCodec(db: PgliteConversions): WireCodec {
  function encode(value: unknown, type: number): string | null {
    if (value === null || value === undefined) return null
    if (value instanceof Date) return value.toISOString()
    if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
    if (isComposite(value)) {
      const serialize = type === 0 ? undefined : db.serializers[type]
      if (serialize !== undefined) return serialize(value)
      if (Array.isArray(value)) return arrayText(value, (item) => encode(item, 0) ?? '')
      return JSON.stringify(value)
    }
    return scalarText(value)
  }
  return {
    typeOf: () => 0,
    needsType: isComposite,
    encode,
    rowReader(fields, { rowMode, types }) {
      const columns = fields.map(({ name, dataTypeID }) => {
        const parser = db.parsers[dataTypeID]
        const own = types?.getTypeParser(dataTypeID, 'text')
        const parse =
          own ?? (parser === undefined ? String : (text: string) => parser(text, dataTypeID))
        return { name, parse }
      })
      return (values) => {
        const parsed = columns.map(({ parse }, index) => {
          const text = values[index] ?? null
          return text === null ? null : parse(text)
        })
        if (rowMode === 'array') return parsed
        return Object.fromEntries(columns.map(({ name }, index) => [name, parsed[index]]))
      }
    },
    serverError: pgliteError,
  }
}
