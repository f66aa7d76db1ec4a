import { WatertightError } from '../errors/index.js'
import { quoteIdentifier } from '../sql/index.js'
import { identifierFault } from './names.js'
import { describeValue, quoted } from './parsing/describe-value.js'
import type { Parser } from './parsing/parser.js'
import type { TableName } from './tenancy-model.js'

const plainPart = String.raw`[^\s."\x00-\x1f]+`
const isPlainPart = new RegExp(`^${plainPart}$`, 'u')
const part = `(${plainPart}|"(?:[^"]|"")*")`
const syntax = new RegExp(`^${part}\\.${part}$`, 'u')

/** Two quoted identifiers of 63 quotes each, and the dot. */
const longestName = 2 * (2 * 63 + 2) + 1

function unquote(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
}

/** The table name, or what is wrong with the text. */
function readTableName(written: string): TableName | string {
  const match = written.length <= longestName ? syntax.exec(written) : null
  if (match === null) {
    return `expected schema.table, got ${quoted(written)}; put a part that holds a dot, space or quote in double quotes`
  }
  const schema = unquote(match[1] ?? '')
  const name = unquote(match[2] ?? '')
  return identifierFault(schema) ?? identifierFault(name) ?? Object.freeze({ schema, name })
}

/**
 * Reads `schema.table` as configuration files write it: case as written, parts that hold a dot,
 * space or quote in double quotes.
 *
 * @throws INVALID_INPUT when the text is no such name.
 * @example
 * ```ts
 * parseTableName('app."odd.name"') // { schema: 'app', name: 'odd.name' }
 * ```
 */
export function parseTableName(written: string): TableName {
  const table = readTableName(written)
  if (typeof table !== 'string') return table
  throw new WatertightError('INVALID_INPUT', `not a table name: ${table}`, { object: written })
}

function formatPart(name: string): string {
  return isPlainPart.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/**
 * Writes a table name so that {@link parseTableName} reads it back. For people and configuration;
 * SQL is made with `qualifiedName` of `watertight/sql`.
 *
 * @example
 * ```ts
 * formatTableName({ schema: 'app', name: 'User' }) // app.User
 * formatTableName({ schema: 'app', name: 'odd.name' }) // app."odd.name"
 * ```
 */
export function formatTableName(table: TableName): string {
  return `${formatPart(table.schema)}.${formatPart(table.name)}`
}

/**
 * One key per table: both parts as PostgreSQL quotes them.
 *
 * @throws INVALID_IDENTIFIER when a part is no identifier.
 * @example
 * ```ts
 * tableKey({ schema: 'app', name: 'User' }) // app."User"
 * ```
 */
export function tableKey(table: TableName): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

/** A table by its name; it need not lie in one of the schemas that are scanned. */
export const anyTable: Parser<TableName> = (value, at) => {
  if (typeof value !== 'string') {
    return at.report(`expected a table name (schema.table), got ${describeValue(value)}`)
  }
  const table = readTableName(value)
  return typeof table === 'string' ? at.report(table) : table
}
