import type { Constraint, ForeignKeyTarget } from 'watertight/catalog'
import { ident, integer, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { singlePrimaryKey } from '../../../graph/classify.js'
import { objectName } from '../../../graph/object-name.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { insertStatement } from '../../copy-row.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'
import type { StepResult } from '../../session.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'

/** Stores an own row that points to another tenant's row: the checks of foreign keys ask no policy. */
export const foreignReference: ObjectAttack = {
  id: 'foreign-reference',
  title: 'Stores an own row that points to a row of another tenant, which shows that it exists.',
  severity: 'warning',
  subjects: (input, targets) =>
    [...targets.values()].flatMap((child) =>
      child.table.relation.constraints.flatMap((constraint) => {
        const { references } = constraint
        const parent = references && targets.get(objectName(references))
        if (!references || !parent || !crosses(child, parent, constraint)) return []
        const { relation } = child.table
        const link: Link = { child, parent, constraint, references }
        return [
          {
            object: child.table.name,
            related: [
              parent.table.name,
              objectName({ schema: relation.schema, name: constraint.name }),
            ],
            command: 'INSERT',
            isFor: (role) => constraint.columns.every((name) => mayGive(input, role, child, name)),
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

/** The key leaves the tenant open, and the parent is no table of tenants. */
function crosses(child: Target, parent: Target, constraint: Constraint): boolean {
  return (
    !constraint.inherited &&
    child.boundary === 'tenant' &&
    parent.boundary === 'tenant' &&
    child.keyColumn !== null &&
    parent.keyColumn !== null &&
    !constraint.columns.includes(child.keyColumn) &&
    parent.keyColumn !== singlePrimaryKey(parent.table.relation)
  )
}

function mayGive({ access }: LintInput, role: string, child: Target, name: string): boolean {
  return access.columns(role, 'INSERT', child.table.relation).includes(name)
}

async function attack(probe: ObjectProbe, link: Link): Promise<Outcome> {
  const { child, parent, constraint } = link
  const { session, pair } = probe
  const [own, foreign] = [
    await insertRow(probe.synthesis('own'), parent.table.relation, {
      [parent.keyColumn ?? '']: pair.own.tenant,
    }),
    await insertRow(probe.synthesis('foreign'), parent.table.relation, {
      [parent.keyColumn ?? '']: pair.foreign.tenant,
    }),
  ]
  if (typeof own === 'string') return inconclusive(own)
  if (typeof foreign === 'string') return inconclusive(foreign)
  // The values of a row that the table takes; the row itself is gone before the role stores it.
  const row = await session.attempt(() =>
    insertRow(
      { ...probe.synthesis('own'), settled: new Set([constraint.name]) },
      child.table.relation,
      { [child.keyColumn ?? '']: pair.own.tenant, ...pointingTo(own, link) },
    ),
  )
  if (typeof row === 'string') return inconclusive(row)
  const crossing = await store(probe, link, { ...row, ...pointingTo(foreign, link) })
  if (crossing.step.ok && crossing.isThere) {
    const what = `a row was stored that points by ${constraint.name} to a row of another tenant`
    return { kind: 'leak', statement: crossing.statement, what }
  }
  const control = await store(probe, link, row)
  if (!control.step.ok) {
    return inconclusive(`storing a row that points to its own fails with ${control.step.sqlState}`)
  }
  if (crossing.step.ok || refusals.has(crossing.step.sqlState)) return held
  return inconclusive(`the attack fails with ${crossing.step.sqlState}`)
}

function pointingTo(parent: Values, { constraint, references }: Link): Values {
  return Object.fromEntries(
    constraint.columns.map((name, index) => [
      name,
      parent[references.columns[index] ?? ''] ?? null,
    ]),
  )
}

function store(
  probe: ObjectProbe,
  { child, constraint }: Link,
  row: Values,
): Promise<{ step: StepResult; isThere: boolean; statement: Sql }> {
  const { relation } = child.table
  const names = relation.columns
    .filter(({ generated }) => generated === null)
    .map(({ name }) => name)
    .filter((name) => name in row && mayGive(probe.input, probe.role, child, name))
  const statement = insertStatement(child.name, relation, names)
  return probe.session.attempt(async () => {
    const step = await probe.session.as(
      probe.role,
      probe.context,
      statement,
      names.map((name) => row[name]),
    )
    if (!step.ok) return { step, isThere: false, statement }
    const where = constraint.columns
      .map((name, index) => sql`r.${ident(name)}::text = $${integer(index + 1)}`)
      .reduce((left, right) => sql`${left} and ${right}`)
    // A trigger may have made something else of it.
    const found = await probe.session.admin(
      sql`select count(*)::int as n from ${child.name} r where ${where}`,
      constraint.columns.map((name) => row[name]),
    )
    return { step, isThere: found.ok && numberOf(found.rows[0]?.['n']) > 0, statement }
  })
}

/** 42501: policy or grant. 23503: the key itself. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', '23503', 'P0001'])
