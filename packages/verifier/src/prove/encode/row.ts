import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import { and, falsity, implies, not } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { free } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Row } from './row-shape.js'
import { columnType } from './sql-type.js'
import { same } from './value.js'
import type { Value } from './value.js'

/** A row that may be any row of the relation. */
export function makeRow(
  encoding: Encoding,
  relation: Relation,
  label: string,
  kind: { readonly stored?: boolean; readonly loose?: boolean } = {},
): Row {
  const { stored = true, loose = false } = kind
  const row: Row = { relation, label, stored: stored && !loose, loose, values: new Map() }
  encoding.rows.push(row)
  return row
}

/** The value of a column; undefined for a name that is none. */
export function columnOf(encoding: Encoding, row: Row, name: string): Value | undefined {
  const found = row.values.get(name)
  if (found !== undefined) return found
  const column = row.relation.columns.find((entry) => entry.name === name)
  if (column === undefined) return undefined
  const type = columnType(column.baseType, encoding.subject.catalog)
  const value = free(
    encoding,
    isPlainlyCollated(column.collation) || type !== 'text' ? type : `other:${column.type}`,
    `${row.label}.${name}`,
  )
  const typed = !row.loose && isNotNull(row.relation, name) ? { ...value, isNull: falsity } : value
  row.values.set(name, typed)
  return typed
}

/** From PostgreSQL 18 on NOT NULL may be NOT VALID: then older rows may be NULL. */
function isNotNull(relation: Relation, name: string): boolean {
  const pending = relation.constraints.some(
    (entry) => entry.kind === 'not-null' && !entry.validated && entry.columns.includes(name),
  )
  return !pending && relation.columns.some((column) => column.name === name && column.notNull)
}

/**
 * Equal means the same text: the database's own collation is deterministic on every supported
 * version (manual, section 24.2.2.4), others may not be.
 */
function isPlainlyCollated(collation: string | null): boolean {
  if (collation === null) return true
  return /^("?pg_catalog"?\.)?"?(default|C|POSIX|ucs_basic)"?$/.test(collation)
}

/** Rows of one relation up to which each is compared with each. */
const maxAlike = 25

/** Rows with equal keys are one row. */
export function keyFacts(encoding: Encoding): readonly Term[] {
  const facts: Term[] = []
  const byRelation = new Map<Relation, Row[]>()
  for (const row of encoding.rows.filter(({ stored }) => stored)) {
    const alike = byRelation.get(row.relation)
    if (alike === undefined) byRelation.set(row.relation, [row])
    else alike.push(row)
  }
  for (const [relation, alike] of byRelation) {
    if (alike.length > maxAlike) {
      encoding.gaps.add(`which of ${alike.length} rows of ${objectName(relation)} are the same`)
    }
    for (const [index, left] of alike.slice(0, maxAlike).entries()) {
      for (const right of alike.slice(0, index)) {
        facts.push(...samenessFacts(encoding, left, right))
      }
    }
  }
  return facts
}

function samenessFacts(encoding: Encoding, left: Row, right: Row): readonly Term[] {
  const names = [...new Set([...left.values.keys(), ...right.values.keys()])]
  const pairs = (columns: readonly string[]): readonly (readonly [Value, Value])[] =>
    columns.flatMap((name) => {
      const [a, b] = [columnOf(encoding, left, name), columnOf(encoding, right, name)]
      return a === undefined || b === undefined ? [] : [[a, b] as const]
    })
  return uniqueKeys(encoding, left.relation).flatMap((key) => {
    if (!key.every((name) => names.includes(name))) return []
    const equal = and(...pairs(key).map(([a, b]) => and(same(a, b), not(a.isNull))))
    return [implies(equal, and(...pairs(names).map(([a, b]) => same(a, b))))]
  })
}

/** Relations with INHERITS children, whose rows a key of the parent does not tell apart. */
const inheritedFrom: (catalog: CatalogSnapshot) => ReadonlySet<string> = oncePer(
  ({ relations }) =>
    new Set(
      relations.flatMap(({ parents }) =>
        parents.filter(({ isPartition }) => !isPartition).map(objectName),
      ),
    ),
)

/** Keys that hold at every moment: not deferrable, over every row, of columns with plain equality. */
function uniqueKeys(encoding: Encoding, relation: Relation): readonly (readonly string[])[] {
  if (inheritedFrom(encoding.subject.catalog).has(objectName(relation))) return []
  return relation.indexes.flatMap((index) => {
    const constraint = relation.constraints.find((entry) => entry.name === index.constraint)
    if (!index.isUnique || !index.isValid || index.predicate !== null) return []
    if (constraint?.deferrable === true) return []
    const columns = index.columns.filter((column) => column !== null)
    if (columns.length !== index.columns.length || columns.length === 0) return []
    const isPlain = columns.every((column) => {
      const type = relation.columns.find((entry) => entry.name === column)?.baseType ?? ''
      return !columnType(type, encoding.subject.catalog).startsWith('other:')
    })
    return isPlain ? [columns] : []
  })
}
