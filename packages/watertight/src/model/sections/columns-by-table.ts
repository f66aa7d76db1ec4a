import { identifier } from '../names.js'
import { readEntries } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import { tableKey } from '../table-name.js'
import type { TableName } from '../tenancy-model.js'

/** A record of table name → column, keyed by `tableKey()` once parsed. */
export function columnsByTable(table: Parser<TableName>): Parser<Readonly<Record<string, string>>> {
  return (value, at) => {
    const columns = new Map<string, string>()
    for (const [written, entry] of readEntries(value, at) ?? []) {
      const place = at.key(written)
      const column = identifier(entry, place)
      const name = table(written, place)
      if (name === undefined) continue
      const key = tableKey(name)
      if (columns.has(key)) place.report(`names ${key} a second time`)
      else if (column !== undefined) columns.set(key, column)
    }
    // INVARIANT: every key holds a dot, so none can meet a name of Object.prototype.
    return Object.fromEntries(columns)
  }
}
