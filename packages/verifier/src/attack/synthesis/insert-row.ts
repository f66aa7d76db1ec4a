import type { CatalogSnapshot, Column, Constraint, Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import type { ProbeSession, StepResult } from '../session.js'
import type { Target } from '../target.js'
import { repairs } from './repairs.js'
import type { FailedCheck } from './repairs.js'
import { valueFor } from './value-for.js'
import type { Values } from './values.js'

/** What row synthesis works with, and for whom. */
export interface Synthesis {
  readonly catalog: CatalogSnapshot
  readonly session: ProbeSession
  readonly targets: ReadonlyMap<string, Target>
  /** Tenant whose rows are made; parents are looked for among its rows. */
  readonly tenant: string
  /** Foreign keys of the outermost table, by name, whose columns are given and need no parent. */
  readonly settled?: ReadonlySet<string>
  /** Makes values of one run different from each other. */
  serial(): number
}

const deepest = 8

/** Inserts a row as the connected role, parents first; the stored row, or why it cannot be made. */
export async function insertRow(
  synthesis: Synthesis,
  relation: Relation,
  fixed: Values,
  depth = 0,
): Promise<Values | string> {
  if (depth > deepest) return `the parents of ${objectName(relation)} form a cycle`
  const values: Record<string, string | null> = { ...fixed }
  for (const constraint of relation.constraints) {
    if (depth === 0 && synthesis.settled?.has(constraint.name) === true) continue
    const problem = await addParent(synthesis, relation, constraint, values, depth)
    if (problem !== null) return problem
  }
  for (const column of relation.columns) {
    if (column.name in values || column.generated !== null) continue
    const value = await missingValue(synthesis, relation, column)
    if (typeof value === 'object' && value !== null) return value.problem
    if (value !== undefined) values[column.name] = value
  }
  return store(synthesis, relation, values, fixed)
}

/** Fills the columns of a foreign key that cannot stay empty. */
async function addParent(
  synthesis: Synthesis,
  relation: Relation,
  constraint: Constraint,
  values: Record<string, string | null>,
  depth: number,
): Promise<string | null> {
  const target = constraint.references
  if (target === null) return null
  const columns = constraint.columns
  const isFree = columns.some(
    (name) => !(name in values) && !relation.columns.find((c) => c.name === name)?.notNull,
  )
  // MATCH SIMPLE: one NULL column switches the whole key off (manual, CREATE TABLE).
  if (isFree || columns.some((name) => values[name] === null)) return null
  const parent = synthesis.catalog.relations.find(
    (candidate) => candidate.schema === target.schema && candidate.name === target.name,
  )
  if (parent === undefined) return `${target.schema}.${target.name} is not in the snapshot`

  const known: Record<string, string> = {}
  for (const [index, column] of columns.entries()) {
    const value = values[column]
    const key = target.columns[index]
    if (typeof value === 'string' && key !== undefined) known[key] = value
  }
  const used = usedValues(values)
  const found = await findRow(synthesis, parent, known, target.columns, used)
  const isShared = relation.constraints.some(
    (other) => other !== constraint && other.references?.name === target.name,
  )
  const repeats = isShared && target.columns.some((key) => used.includes(found?.[key] ?? ''))
  let row: Values | string | null = found
  if (found === null || repeats) {
    row = await insertRow(synthesis, parent, withTenant(synthesis, parent, known), depth + 1)
    if (typeof row === 'string' && found !== null) row = found
  }
  if (row === null || typeof row === 'string') return row
  for (const [index, column] of columns.entries()) {
    values[column] = row[target.columns[index] ?? ''] ?? null
  }
  return null
}

function usedValues(values: Values): readonly string[] {
  return Object.values(values).filter((value) => value !== null)
}

function withTenant(synthesis: Synthesis, parent: Relation, known: Values): Values {
  const target = synthesis.targets.get(objectName(parent))
  const column = target?.boundary === 'tenant' ? target.keyColumn : null
  return column === null || column === undefined || column in known
    ? known
    : { ...known, [column]: synthesis.tenant }
}

async function findRow(
  synthesis: Synthesis,
  parent: Relation,
  known: Values,
  wanted: readonly string[],
  used: readonly string[],
): Promise<Values | null> {
  const target = synthesis.targets.get(objectName(parent))
  const entries = Object.entries(known)
  const conditions: Sql[] = entries.map(
    ([column], index) => sql`r.${ident(column)}::text = $${integer(index + 1)}`,
  )
  const parameters: unknown[] = entries.map(([, value]) => value)
  if (target?.boundary === 'tenant') {
    parameters.push(synthesis.tenant)
    conditions.push(sql`${target.key} = $${integer(parameters.length)}::${target.keyType}`)
  }
  const where = conditions.reduce((left, right) => sql`${left} and ${right}`, sql`true`)
  const list = joinSql(wanted.map((name) => sql`r.${ident(name)}::text as ${ident(name)}`))
  // Two people on one row (who asked, who approved) often have to be two people.
  const repeated = joinSql(
    wanted.map(
      (name) => sql`(r.${ident(name)}::text = any($${integer(parameters.length + 1)}))::int`,
    ),
    ' + ',
  )
  parameters.push(used)
  const found = await synthesis.session.admin(
    sql`select ${list} from ${qualifiedName(parent.schema, parent.name)} r where ${where} order by ${repeated} limit 1`,
    parameters,
  )
  return found.ok ? ((found.rows[0] as Values | undefined) ?? null) : null
}

/** A value for a column that cannot be left out; undefined when it can. */
async function missingValue(
  synthesis: Synthesis,
  relation: Relation,
  column: Column,
): Promise<string | undefined | { problem: string }> {
  const counts =
    column.identity !== null || column.defaultExpression?.startsWith('nextval(') === true
  if (counts) return nextFree(synthesis, relation, column)
  if (column.defaultExpression !== null || !column.notNull) return undefined
  const value = valueFor(synthesis.catalog, column, synthesis.serial())
  if (value !== null) return value
  return {
    problem: `no value is known for ${objectName(relation)}.${column.name} (${column.type})`,
  }
}

/** Above what is there, so that no sequence moves: a rollback would not turn it back. */
async function nextFree(
  synthesis: Synthesis,
  relation: Relation,
  column: Column,
): Promise<string | { problem: string }> {
  const read = await synthesis.session.admin(
    sql`select (coalesce(max(r.${ident(column.name)}), 0) + 1)::text as free from ${qualifiedName(relation.schema, relation.name)} r`,
  )
  const free = read.ok ? read.rows[0]?.['free'] : undefined
  return typeof free === 'string' ? free : { problem: `no free number for ${column.name}` }
}

const mostRepairs = 80

/** Inserts, and on a refused CHECK tries other values for the columns that it mentions. */
async function store(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
  fixed: Values,
): Promise<Values | string> {
  let current = values
  let left = mostRepairs
  let refusedBy: string | null = null
  let options: Iterator<Values> | null = null
  for (;;) {
    const step = await tryInsert(synthesis, relation, current)
    if (step.ok) return (step.rows[0] as Values | undefined) ?? {}
    const failed = step.sqlState === '23514' ? step.constraint : null
    if (failed === null || left === 0) {
      return `a row of ${objectName(relation)} cannot be made (${step.sqlState}${step.constraint === null ? '' : `, ${step.constraint}`})`
    }
    if (failed !== refusedBy || options === null) {
      refusedBy = failed
      const check = await checkOf(synthesis, relation, failed)
      if (check === null) return `${failed} of ${objectName(relation)} is not in the snapshot`
      options = repairs(relation, check, current, fixed, synthesis.serial())
    }
    const next = options.next()
    if (next.done === true) return `no value found that meets ${failed} of ${objectName(relation)}`
    current = next.value
    left -= 1
  }
}

/** The CHECK of the table, or of a domain that one of its columns has. */
async function checkOf(
  synthesis: Synthesis,
  relation: Relation,
  name: string,
): Promise<FailedCheck | null> {
  const own = relation.constraints.find((constraint) => constraint.name === name)
  if (own !== undefined) return { definition: own.definition, domain: null }
  const read = await synthesis.session.admin(
    sql`select pg_catalog.pg_get_constraintdef(c.oid) as definition, quote_ident(n.nspname) || '.' || quote_ident(t.typname) as domain
      from pg_catalog.pg_constraint c join pg_catalog.pg_type t on t.oid = c.contypid join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      where c.conname = $1 limit 1`,
    [name],
  )
  return read.ok ? ((read.rows[0] as unknown as FailedCheck | undefined) ?? null) : null
}

/** A failed insert is undone alone; a stored row stays until the probe's own end. */
async function tryInsert(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
): Promise<StepResult> {
  const names = Object.keys(values)
  const list = joinSql(names.map((name) => ident(name)))
  const places = joinSql(names.map((_, index) => sql`$${integer(index + 1)}`))
  const back = joinSql(
    relation.columns.map(({ name }) => sql`${ident(name)}::text as ${ident(name)}`),
  )
  const name = qualifiedName(relation.schema, relation.name)
  const statement =
    names.length === 0
      ? sql`insert into ${name} default values returning ${back}`
      : sql`insert into ${name} (${list}) overriding system value values (${places}) returning ${back}`
  return synthesis.session.keep(() => synthesis.session.admin(statement, Object.values(values)))
}
