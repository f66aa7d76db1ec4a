import type { Constraint, ForeignKeyTarget } from 'watertight/catalog'
import { ident, integer, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../../graph/object-name.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'

const reaching: ReadonlySet<string> = new Set(['cascade', 'set null', 'set default'])

/** Deletes an own row that another tenant's row points to. */
export const cascade: ObjectAttack = {
  id: 'cascade',
  title: 'Deletes an own row and with it changes the rows of another tenant that point to it.',
  subjects: (input, targets) =>
    [...targets.values()].flatMap((child) =>
      child.table.relation.constraints.flatMap((constraint) => {
        const parent = constraint.references && targets.get(objectName(constraint.references))
        if (!parent || !crosses(child, parent, constraint)) return []
        const { relation } = child.table
        const link: Link = { child, parent, constraint, references: constraint.references }
        return [
          {
            object: child.table.name,
            related: [
              parent.table.name,
              objectName({ schema: relation.schema, name: constraint.name }),
            ],
            command: 'DELETE',
            isFor: (role) =>
              input.access.can(role, 'DELETE', parent.table.relation) &&
              ['INSERT', 'UPDATE'].some((verb) => input.access.can(role, verb, relation)),
            run: (probe) => attack(probe, link),
          },
        ]
      }),
    ),
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
    reaching.has(constraint.references.onDelete) &&
    child.boundary === 'tenant' &&
    parent.boundary === 'tenant' &&
    child.keyColumn !== null &&
    !constraint.columns.includes(child.keyColumn)
  )
}

async function attack(probe: ObjectProbe, link: Link): Promise<Outcome> {
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
  const where = matching(references.columns)
  const statement = sql`delete from ${parent.name} r where ${where}`
  const keys = references.columns.map((column) => own[column] ?? null)
  const step = await session.as(probe.role, probe.context, statement, keys)
  if (!step.ok) return inconclusive(`deleting its own row fails with ${step.sqlState}`)
  if (step.rowCount === 0) return inconclusive('the role does not reach its own row')
  if ((await rowCount(probe, link, foreign)) === 1) return held
  return {
    kind: 'leak',
    statement,
    what: `${references.onDelete} of ${constraint.name} reached a row of another tenant`,
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
