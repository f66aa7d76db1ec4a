import type { CatalogSnapshot, Column, Constraint, Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import { relationNamed } from '../../graph/relation-named.js'
import { valueOfKind } from './server-type.js'
import { storeRow } from './store-row.js'
import type { Stored } from './store-row.js'
import type { Synthesis } from './synthesis.js'
import { valueFor } from './value-for.js'
import type { Values } from './values.js'

const deepest = 8

/** A row that is being made, and whose key is chosen already. */
interface Pending {
  readonly relation: Relation
  readonly values: Values
}

/** Inserts a row as the connected role, parents first; the stored row, or why it cannot be made. */
export async function insertRow(
  synthesis: Synthesis,
  relation: Relation,
  fixed: Values,
  above: readonly Pending[] = [],
): Promise<Values | string> {
  if (above.length > deepest) return `the parents of ${objectName(relation)} form a cycle`
  const first = await attemptRow(synthesis, relation, fixed, above, false)
  if (first.kind === 'stored') return first.row
  // Where one parent has one child, the child needs a parent of its own.
  const isKeyed = first.isConflict && relation.constraints.some((c) => c.references !== null)
  const second = isKeyed ? await attemptRow(synthesis, relation, fixed, above, true) : first
  return second.kind === 'stored' ? second.row : first.reason
}

function refused(reason: string): Stored {
  return { kind: 'refused', reason, isConflict: false }
}

async function attemptRow(
  synthesis: Synthesis,
  relation: Relation,
  fixed: Values,
  above: readonly Pending[],
  freshParents: boolean,
): Promise<Stored> {
  const member = memberOf(synthesis, relation, freshParents)
  const values: Record<string, string | null> = { ...member, ...fixed }
  const own: Pending = { relation, values }
  if (isOnCycle(synthesis.catalog)(relation)) {
    const problem = await chooseKey(synthesis, relation, values)
    if (problem !== null) return refused(problem)
  }
  for (const constraint of relation.constraints) {
    if (above.length === 0 && synthesis.settled?.has(constraint.name) === true) continue
    const trail = [...above, own]
    const problem = await addParent(synthesis, relation, constraint, values, trail, freshParents)
    if (problem !== null) return refused(problem)
  }
  for (const column of relation.columns) {
    if (column.name in values || column.generated !== null) continue
    const value = await missingValue(synthesis, relation, column)
    if (typeof value === 'object' && value !== null) return refused(value.problem)
    if (value !== undefined) values[column.name] = value
  }
  const kept = { ...fixed, ...parentKeys(relation, values) }
  const store = (): Promise<Stored> =>
    storeRow(synthesis, relation, values, { fixed: kept, settled: freshParents ? kept : fixed })
  const stored = await store()
  if (stored.kind === 'stored' || stored.unmetBeside === undefined) return stored
  const trail = [...above, own]
  const isMet = await addParentBeside(synthesis, relation, stored.unmetBeside, values, trail)
  return isMet ? store() : stored
}

/**
 * Whom a membership is for. Left to chance it could be any user there is, the attacker included, who
 * would then be a member of the other tenant.
 */
function memberOf(
  { catalog, memberships, user, serial }: Synthesis,
  relation: Relation,
  isAnother: boolean,
): Values {
  if (memberships === null || objectName(memberships.relation) !== objectName(relation)) return {}
  const column = relation.columns.find(({ name }) => name === memberships.user)
  if (column === undefined) return {}
  const who = isAnother ? null : user
  const value = who ?? valueFor(catalog, column, serial())
  return value === null ? {} : { [column.name]: value }
}

/** Columns of foreign keys keep what their parents have. */
function parentKeys(relation: Relation, values: Values): Values {
  const names = relation.constraints
    .filter(({ references }) => references !== null)
    .flatMap(({ columns }) => columns)
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => names.includes(name) && value !== null),
  )
}

/** Its own foreign keys lead back to it. */
const isOnCycle: (catalog: CatalogSnapshot) => (relation: Relation) => boolean = oncePer(
  (catalog) => oncePer((relation: Relation) => leadsBack(catalog, relation)),
)

function leadsBack(catalog: CatalogSnapshot, relation: Relation): boolean {
  const start = objectName(relation)
  const seen = new Set<string>()
  const open = [relation]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { references } of next.constraints) {
      if (references === null) continue
      const name = objectName(references)
      if (name === start) return true
      const parent = relationNamed(catalog, name)
      if (seen.has(name) || parent === undefined) continue
      seen.add(name)
      open.push(parent)
    }
  }
  return false
}

/** Chooses the primary key first, so that rows on the way may point to it before it is stored. */
async function chooseKey(
  synthesis: Synthesis,
  relation: Relation,
  values: Record<string, string | null>,
): Promise<string | null> {
  await synthesis.session.admin(sql`set constraints all deferred`)
  const key = relation.constraints.find(({ kind }) => kind === 'primary-key')
  const linked = relation.constraints
    .filter(({ references }) => references !== null)
    .flatMap(({ columns }) => columns)
  for (const column of relation.columns) {
    const isOpen = key?.columns.includes(column.name) === true && !linked.includes(column.name)
    if (!isOpen || column.name in values || column.generated !== null) continue
    const value =
      column.identity !== null || column.defaultExpression?.startsWith('nextval(') === true
        ? await nextFree(synthesis, relation, column)
        : (valueFor(synthesis.catalog, column, synthesis.serial()) ?? null)
    if (typeof value === 'object' && value !== null) return value.problem
    if (value !== null) values[column.name] = value
  }
  return null
}

/** Fills the columns of a foreign key that cannot stay empty. */
async function addParent(
  synthesis: Synthesis,
  relation: Relation,
  constraint: Constraint,
  values: Record<string, string | null>,
  trail: readonly Pending[],
  freshParents: boolean,
): Promise<string | null> {
  const target = constraint.references
  if (target === null) return null
  const columns = constraint.columns
  const isFree = columns.some(
    (name) => !(name in values) && !relation.columns.find((c) => c.name === name)?.notNull,
  )
  // MATCH SIMPLE: one NULL column switches the whole key off (manual, CREATE TABLE).
  if (isFree || columns.some((name) => values[name] === null)) return null
  const parent = relationNamed(synthesis.catalog, objectName(target))
  if (parent === undefined) return `${target.schema}.${target.name} is not in the snapshot`

  const waiting = trail.findLast((pending) => pending.relation === parent)
  // A row may point to itself, and to one that is stored later where the key is deferrable.
  if (waiting !== undefined && (constraint.deferrable || waiting.relation === relation)) {
    const keys = target.columns.map((name) => waiting.values[name])
    if (keys.every((key) => typeof key === 'string')) {
      for (const [index, column] of columns.entries()) values[column] ??= keys[index] ?? null
      return null
    }
  }
  const known: Record<string, string> = {}
  for (const [index, column] of columns.entries()) {
    const value = values[column]
    const key = target.columns[index]
    if (typeof value === 'string' && key !== undefined) known[key] = value
  }
  const used = usedValues(values)
  const isSettled = columns.every((column) => typeof values[column] === 'string')
  const found =
    freshParents && !isSettled
      ? null
      : await findRow(synthesis, parent, known, target.columns, used)
  const isShared = relation.constraints.some(
    (other) => other !== constraint && other.references?.name === target.name,
  )
  const repeats = isShared && target.columns.some((key) => used.includes(found?.[key] ?? ''))
  let row: Values | string | null = found
  if (found === null || repeats) {
    row = await insertRow(synthesis, parent, withTenant(synthesis, parent, known), trail)
    if (typeof row === 'string' && found !== null) row = found
  }
  if (row === null || typeof row === 'string') return row
  for (const [index, column] of columns.entries()) {
    values[column] = row[target.columns[index] ?? ''] ?? null
  }
  return null
}

/**
 * A trigger stores a row beside this one, whose foreign key this table does not have itself: a
 * profile for the user of a membership. What it points to is made, by the column of the same name.
 */
async function addParentBeside(
  synthesis: Synthesis,
  relation: Relation,
  constraintName: string,
  values: Values,
  trail: readonly Pending[],
): Promise<boolean> {
  const unmet = synthesis.catalog.relations
    .flatMap(({ constraints }) => constraints)
    .find(({ name, references }) => name === constraintName && references !== null)
  const target = unmet?.references ?? null
  if (unmet === undefined || target === null) return false
  const parent = relationNamed(synthesis.catalog, objectName(target))
  const known: Record<string, string> = {}
  for (const [index, column] of unmet.columns.entries()) {
    const value = values[column]
    const key = target.columns[index]
    if (typeof value === 'string' && key !== undefined) known[key] = value
  }
  if (parent === undefined || parent === relation || Object.keys(known).length === 0) return false
  const made = await insertRow(synthesis, parent, withTenant(synthesis, parent, known), trail)
  return typeof made !== 'string'
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
  // A domain may refuse NULL where the column does not.
  const mayBeNull = !column.notNull && column.type === column.baseType
  if (column.defaultExpression !== null || mayBeNull) return undefined
  const value =
    valueFor(synthesis.catalog, column, synthesis.serial()) ??
    (await valueOfKind(synthesis.session, relation, column))
  if (value !== null) return value
  if (!column.notNull) return undefined
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
