import type { Constraint, ForeignKeyTarget } from 'watertight/catalog'
import { ident, integer, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../../graph/object-name.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'
import { valueFor } from '../../synthesis/value-for.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'

const reaching: ReadonlySet<string> = new Set(['cascade', 'set null', 'set default'])

/** Deletes, or gives another key to, an own row that another tenant's row points to. */
export const cascade: ObjectAttack = {
  id: 'cascade',
  title:
    'Deletes or re-keys an own row and with it changes rows of another tenant that point to it.',
  subjects: (input, targets) =>
    [...targets.values()].flatMap((child) =>
      child.table.relation.constraints.flatMap((constraint) => {
        const parent = constraint.references && targets.get(objectName(constraint.references))
        if (!parent || !crosses(child, parent, constraint)) return []
        const { relation } = child.table
        const link: Link = { child, parent, constraint, references: constraint.references }
        return verbs
          .filter((verb) => reaching.has(ruleOf(link, verb)))
          .map((verb) => ({
            object: child.table.name,
            related: [
              parent.table.name,
              objectName({ schema: relation.schema, name: constraint.name }),
            ],
            command: verb,
            isFor: (role: string) =>
              mayReach(input, role, link, verb) &&
              ['INSERT', 'UPDATE'].some((write) => input.access.can(role, write, relation)),
            run: (probe: ObjectProbe) => attack(probe, link, verb),
          }))
      }),
    ),
}

const verbs = ['DELETE', 'UPDATE'] as const
type Verb = (typeof verbs)[number]

function ruleOf({ references }: Link, verb: Verb): string {
  return verb === 'DELETE' ? references.onDelete : references.onUpdate
}

function mayReach(input: LintInput, role: string, link: Link, verb: Verb): boolean {
  const { relation } = link.parent.table
  if (verb === 'DELETE') return input.access.can(role, 'DELETE', relation)
  const [key] = link.references.columns
  return key !== undefined && input.access.columns(role, 'UPDATE', relation).includes(key)
}

interface Link {
  readonly child: Target
  readonly parent: Target
  readonly constraint: Constraint
  readonly references: ForeignKeyTarget
}

function crosses(
  child: Target,
  parent: Target,
  constraint: Constraint,
): constraint is Constraint & { references: ForeignKeyTarget } {
  return (
    constraint.references !== null &&
    !constraint.inherited &&
    child.boundary === 'tenant' &&
    parent.boundary === 'tenant' &&
    child.keyColumn !== null &&
    !constraint.columns.includes(child.keyColumn)
  )
}

async function attack(probe: ObjectProbe, link: Link, verb: Verb): Promise<Outcome> {
  const { child, parent, constraint, references } = link
  const { session, pair } = probe
  if (parent.keyColumn === null || child.keyColumn === null) {
    return inconclusive('the tenant comes through a parent')
  }
  const own = await insertRow(probe.synthesis('own'), parent.table.relation, {
    [parent.keyColumn]: pair.own.tenant,
  })
  if (typeof own === 'string') return inconclusive(own)
  const fixed: Record<string, string | null> = { [child.keyColumn]: pair.foreign.tenant }
  for (const [index, column] of constraint.columns.entries()) {
    fixed[column] = own[references.columns[index] ?? ''] ?? null
  }
  const foreign = await insertRow(
    { ...probe.synthesis('foreign'), settled: new Set([constraint.name]) },
    child.table.relation,
    fixed,
  )
  if (typeof foreign === 'string') {
    // What refuses the pointer across, and no other, closes the way.
    const row = { ...fixed, [child.keyColumn]: pair.own.tenant }
    const synthesis = { ...probe.synthesis('own'), settled: new Set([constraint.name]) }
    const control = await insertRow(synthesis, child.table.relation, row)
    return typeof control === 'string' ? inconclusive(foreign) : held
  }

  const isThere = await rowCount(probe, link, foreign)
  if (isThere !== 1) return inconclusive('the row that points across cannot be told from others')
  const keys = references.columns.map((column) => own[column] ?? null)
  const change = statementFor(probe, link, verb, keys)
  if (change === null) return inconclusive('no other value is known for the key')
  const { statement, values } = change
  const step = await session.as(probe.role, probe.context, statement, values)
  if (!step.ok) return inconclusive(`changing its own row fails with ${step.sqlState}`)
  if (step.rowCount === 0) return inconclusive('the role does not reach its own row')
  if ((await rowCount(probe, link, foreign)) === 1) return held
  return {
    kind: 'leak',
    statement,
    what: `on ${verb.toLowerCase()} ${ruleOf(link, verb)} of ${constraint.name} reached a row of another tenant`,
  }
}

/** Deletes the own row, or gives it another key. */
function statementFor(
  probe: ObjectProbe,
  { parent, references }: Link,
  verb: Verb,
  keys: readonly unknown[],
): { readonly statement: Sql; readonly values: readonly unknown[] } | null {
  const where = matching(references.columns)
  if (verb === 'DELETE') {
    return { statement: sql`delete from ${parent.name} r where ${where}`, values: keys }
  }
  const column = parent.table.relation.columns.find(({ name }) => name === references.columns[0])
  const value = column && valueFor(probe.input.catalog, column, probe.synthesis('own').serial())
  if (column === undefined || typeof value !== 'string') return null
  return {
    statement: sql`update ${parent.name} r set ${ident(column.name)} = $${integer(keys.length + 1)} where ${where}`,
    values: [...keys, value],
  }
}

function matching(columns: readonly string[]): Sql {
  return columns
    .map((column, index) => sql`r.${ident(column)}::text = $${integer(index + 1)}`)
    .reduce((left, right) => sql`${left} and ${right}`)
}

/** Rows with the same key that still point where the row points. */
async function rowCount(probe: ObjectProbe, link: Link, row: Values): Promise<number> {
  const { child, constraint } = link
  const { relation } = child.table
  const key = relation.constraints.find(({ kind }) => kind === 'primary-key')?.columns
  const identity = key ?? relation.columns.map(({ name }) => name)
  const columns = [...new Set([...identity, ...constraint.columns, child.keyColumn ?? ''])].filter(
    (name) => typeof row[name] === 'string',
  )
  const read = await probe.session.admin(
    sql`select count(*)::int as n from ${child.name} r where ${matching(columns)}`,
    columns.map((name) => row[name]),
  )
  return read.ok ? numberOf(read.rows[0]?.['n']) : 0
}
