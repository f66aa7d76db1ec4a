import type { IndexInfo, Relation } from 'watertight/catalog'
import { ident, joinSql, literal, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import type { LintInput } from '../../lint/rule.js'
import type { Values } from '../synthesis/values.js'
import type { TableInWorlds } from './prepare-worlds.js'
import { countingColumns, insertion } from './row-statements.js'
import type { WorldDifference, WorldStatement } from './world-statement.js'

/** Writes that reach all rows there are, and an ordinary INSERT. */
export function writesOf(input: LintInput, role: string, table: TableInWorlds): WorldStatement[] {
  const { relation, name: object } = table.target.table
  const on = table.target.name
  const statements: WorldStatement[] = []
  const add = (
    what: string,
    text: Sql,
    tells: WorldDifference,
    values: WorldStatement['values'],
  ): void => {
    statements.push({ object, tells, what, sql: text, values })
  }
  const assignable = input.access.columns(role, 'UPDATE', relation)
  const column = relation.columns.find(
    ({ name, generated, identity }) =>
      assignable.includes(name) && generated === null && identity === null,
  )
  if (column !== undefined) {
    const name = ident(column.name)
    add('an UPDATE', sql`update ${on} set ${name} = ${name}`, 'rows', [])
    // No column is read, so that only the policies of UPDATE apply.
    add('an UPDATE that reads nothing', sql`update ${on} set ${name} = default`, 'rows', [])
  }
  if (input.access.can(role, 'DELETE', relation)) {
    add('a DELETE without WHERE', sql`delete from ${on}`, 'rows', [])
  }
  if (table.fresh !== null && input.access.can(role, 'INSERT', relation)) {
    const [text, values] = insertion(relation, table.fresh, forbidden(input, role, relation))
    add('an INSERT', text, 'existence', values)
  }
  return statements
}

/** Own rows with values, and with references to rows, that only one world has. */
export function collisionsOf(
  input: LintInput,
  role: string,
  table: TableInWorlds,
  tables: ReadonlyMap<string, TableInWorlds>,
): WorldStatement[] {
  const { relation, name: object, tenantColumn } = table.target.table
  const { fresh } = table
  if (fresh === null || !input.access.can(role, 'INSERT', relation)) return []
  const without = forbidden(input, role, relation)
  const statements: WorldStatement[] = []
  const add = (what: string, changed: Values, suffix: Sql = sql``): void => {
    const [text, values] = insertion(relation, { ...fresh, ...changed }, without)
    statements.push({ object, tells: 'existence', what, sql: sql`${text}${suffix}`, values })
  }
  const [extra] = table.extras
  for (const index of relation.indexes) {
    if (
      extra === undefined ||
      !index.isUnique ||
      !index.isValid ||
      !canGuess(relation, index, tenantColumn)
    )
      continue
    const columns = index.columns.filter((name) => name !== null && name !== tenantColumn)
    const taken = columns.map((name) => [name ?? '', extra[name ?? ''] ?? null] as const)
    add(`a value that ${index.name} keeps unique`, Object.fromEntries(taken))
    add(`an upsert on ${index.name}`, Object.fromEntries(taken), sql` on conflict do nothing`)
  }
  for (const { references, columns, name } of relation.constraints) {
    const parent = references && tables.get(objectName(references))?.extras[0]
    if (!references || !parent) continue
    const changed = columns
      .map((column, at) => [column, parent[references.columns[at] ?? ''] ?? null] as const)
      .filter(([column]) => column !== tenantColumn)
    add(`a reference through ${name}`, Object.fromEntries(changed))
  }
  return statements
}

/** Nobody learns from a random key being taken that is not known; a sequence's number is no choice. */
function canGuess(
  relation: Relation,
  { columns }: IndexInfo,
  tenantColumn: string | null,
): boolean {
  const names = columns.filter((name) => name !== tenantColumn)
  const isCounted = names.length === 1 && countingColumns(relation).includes(names[0] ?? '')
  const isRandom = names.some(
    (name) => relation.columns.find((column) => column.name === name)?.baseType === 'uuid',
  )
  return names.length > 0 && !isCounted && !isRandom
}

/** Numbers that a sequence gives to new rows, and the sequences themselves. */
export function numbersOf(
  input: LintInput,
  role: string,
  tables: Iterable<TableInWorlds>,
): WorldStatement[] {
  const inserted = [...tables].flatMap(({ target, fresh }): WorldStatement[] => {
    const { relation, name: object } = target.table
    const counting = countingColumns(relation)
    const readable = input.access.columns(role, 'SELECT', relation)
    const shown = counting.filter((name) => readable.includes(name))
    if (fresh === null || shown.length === 0 || !input.access.can(role, 'INSERT', relation))
      return []
    const [text, values] = insertion(relation, fresh, [
      ...counting,
      ...forbidden(input, role, relation),
    ])
    const back = joinSql(shown.map((name) => ident(name)))
    const what = 'the number of a new row'
    return [{ object, tells: 'sequence', what, sql: sql`${text} returning ${back}`, values }]
  })
  const sequences = input.catalog.sequences
    .filter(({ schema }) => input.model.schemas.includes(schema))
    .map((sequence): WorldStatement => {
      const name = literal(qualifiedName(sequence.schema, sequence.name).text)
      const text = sql`select nextval(${name}::regclass)`
      return {
        object: objectName(sequence),
        tells: 'sequence',
        what: 'the next number',
        sql: text,
        values: [],
      }
    })
  return [...inserted, ...sequences]
}

/** Columns that the role may not give a value to. */
function forbidden(input: LintInput, role: string, relation: Relation): readonly string[] {
  const allowed = new Set(input.access.columns(role, 'INSERT', relation))
  return relation.columns.filter(({ name }) => !allowed.has(name)).map(({ name }) => name)
}
