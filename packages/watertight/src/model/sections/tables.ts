import { readEntries } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import type { Place } from '../parsing/place.js'
import { tableKey } from '../table-name.js'
import type { TableName } from '../tenancy-model.js'
import type { TableDeclarationDraft } from './table-declaration.js'
import { tableDeclaration } from './table-declaration.js'

/** A declared table and where in the input it stands. */
export interface TableDraft {
  readonly at: Place
  readonly table: TableName
  readonly declaration: TableDeclarationDraft
}

/** The declared tables by `tableKey()`, in the order they were written. */
export function tables(table: Parser<TableName>): Parser<ReadonlyMap<string, TableDraft>> {
  return (value, at) => {
    const drafts = new Map<string, TableDraft>()
    for (const [written, entry] of readEntries(value, at) ?? []) {
      const place = at.key(written)
      const name = table(written, place)
      const declaration = tableDeclaration(table)(entry, place)
      if (name === undefined || declaration === undefined) continue
      const key = tableKey(name)
      if (drafts.has(key)) place.report(`declares ${key} a second time`)
      else drafts.set(key, { at: place, table: name, declaration })
    }
    return drafts
  }
}
