import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import type { LintInput } from '../../lint/rule.js'
import type { TableInWorlds } from './prepare-worlds.js'
import type { WorldStatement } from './world-statement.js'

/** Reads of every shape of a table or view, over the columns that the role may read. */
export function readsOf(input: LintInput, role: string, relation: Relation): WorldStatement[] {
  const columns = input.access.columns(role, 'SELECT', relation)
  const [one] = columns
  if (one === undefined) return []
  const name = qualifiedName(relation.schema, relation.name)
  const texts = columns.map((column) => sql`r.${ident(column)}::text`)
  const order = joinSql(texts.map((_, index) => integer(index + 1)))
  const ends = joinSql(
    texts.map((text) => sql`min(${text}), max(${text}), count(distinct ${text})`),
  )
  const same = joinSql(
    columns.map(
      (column) => sql`r.${ident(column)}::text is not distinct from s.${ident(column)}::text`,
    ),
    ' and ',
  )
  const shapes: readonly (readonly [string, Sql])[] = [
    ['a read of all rows', sql`select ${joinSql(texts)} from ${name} r order by ${order}`],
    ['a count', sql`select count(*) from ${name} r`],
    ['aggregates', sql`select ${ends} from ${name} r`],
    ['groups', sql`select r.${ident(one)}::text, count(*) from ${name} r group by 1 order by 1`],
    ['a join with itself', sql`select count(*) from ${name} r join ${name} s on ${same}`],
    ['a test for rows', sql`select exists (select from ${name} r)`],
  ]
  const object = objectName(relation)
  return shapes.map(([what, text]) => ({ object, tells: 'rows', what, sql: text, values: [] }))
}

/** Reads and removals by a key that only one world has. */
export function keyReadsOf(input: LintInput, role: string, table: TableInWorlds): WorldStatement[] {
  const { relation, name: object } = table.target.table
  const key = relation.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? []
  const readable = input.access.columns(role, 'SELECT', relation)
  const [row] = table.extras
  if (row === undefined || key.length === 0 || !key.every((name) => readable.includes(name))) {
    return []
  }
  const where = joinSql(
    key.map((column, index) => sql`${ident(column)} = $${integer(index + 1)}`),
    ' and ',
  )
  const on = table.target.name
  const common = {
    object,
    tells: 'rows',
    values: key.map((column) => row[column] ?? null),
  } as const
  const read = sql`select count(*) from ${on} where ${where}`
  const remove = sql`delete from ${on} where ${where}`
  return [
    { ...common, what: 'a read by key', sql: read },
    ...(input.access.can(role, 'DELETE', relation)
      ? [{ ...common, what: 'a DELETE by key', sql: remove }]
      : []),
  ]
}

/** Calls of functions without arguments; what they change is rolled back. */
export function callsOf(input: LintInput, role: string): WorldStatement[] {
  const events: ReadonlySet<string> = new Set(['trigger', 'event_trigger'])
  return input.catalog.functions
    .filter(
      (fn) =>
        fn.kind === 'function' &&
        fn.extension === null &&
        fn.identityArguments === '' &&
        !events.has(fn.returns) &&
        input.model.schemas.includes(fn.schema) &&
        input.access.canExecute(role, fn),
    )
    .map((fn) => ({
      object: `${objectName(fn)}()`,
      tells: 'rows',
      what: 'a call',
      sql: sql`select f::text from ${qualifiedName(fn.schema, fn.name)}() f order by 1`,
      values: [],
    }))
}
