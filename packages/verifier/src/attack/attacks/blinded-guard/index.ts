import type { Relation } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import { walk } from '../../../expr/index.js'
import type { BoundColumn, Expr, Not, Select } from '../../../expr/index.js'
import { objectName } from '../../../graph/object-name.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { columnsOf, evaluate, isConstant, printed } from '../../policy-text/evaluate.js'
import { ownRow, parsedPolicies } from '../../policy-text/parsed-policies.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { insertRow } from '../../synthesis/insert-row.js'

/** Passes a guard that looks for a row which Row Level Security hides from it. */
export const blindedGuard: Attack = {
  id: 'blinded-guard',
  title: 'Passes a NOT EXISTS guard because Row Level Security hides the row that it looks for.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) => {
    const { own, relations } = policyReach(input, target.table.relation, role, 'SELECT')
    const negates = own.some((tokens) =>
      tokens.some(({ text }) => text === 'not' || text === 'all'),
    )
    return negates && relations.some((relation) => relation.rls.enabled)
  },
  run: async (probe) => {
    const { input, role, target } = probe
    let best: Outcome = inconclusive('no guard was found that a row of its table closes')
    for (const { expr } of await parsedPolicies(input, target.table.relation, role, 'SELECT')) {
      for (const guard of guardsIn(expr)) {
        const outcome = await pass(probe, guard)
        if (outcome.kind === 'leak') return outcome
        if (outcome.kind === 'held') best = held
      }
    }
    return best
  },
}

/** Negated sub-queries that do not depend on the policy's own row. */
function guardsIn(expr: Expr): readonly Not[] {
  const found: Not[] = []
  walk(expr, {
    expr: (node) => {
      if (node.kind !== 'not' || columnsOf(node, ownRow).length > 0) return
      const { kind } = node.operand
      if (kind === 'subquery' || kind === 'subquery-quantified') found.push(node)
    },
  })
  return found
}

async function pass(probe: Probe, guard: Not): Promise<Outcome> {
  const { operand } = guard
  if (operand.kind !== 'subquery' && operand.kind !== 'subquery-quantified') {
    return inconclusive('the guard is no sub-query')
  }
  const read = tableOf(probe, operand.select)
  if (read === null) return inconclusive('the guard reads more than one table')
  const { relation, conditions } = read
  const wanted: Record<string, string> = {}
  for (const { column, value } of conditions) {
    const text = await evaluate(probe, value)
    if (text !== null) wanted[column.column] = text
  }
  const key = probe.input.tables.get(objectName(relation))?.tenantColumn
  if (key != null && !(key in wanted)) wanted[key] = probe.foreign
  return probe.session.attempt(async () => {
    const made = await insertRow(probe.synthesis(probe.foreignPrincipal), relation, wanted)
    if (typeof made === 'string') return inconclusive(made)
    const asRole = await evaluate(probe, guard)
    const asAdmin = await unbound(probe, guard)
    if (asAdmin !== 'false') return inconclusive('the row made does not close the guard')
    return asRole === 'true' ? leak(probe, relation) : held
  })
}

/** The same question to the same context, without Row Level Security in its sub-query. */
async function unbound(probe: Probe, guard: Not): Promise<string | null> {
  const { session } = probe
  const text = printed(guard)
  if (text === null) return null
  return session.attempt(async () => {
    await session.as(probe.role, probe.context, sql`select 1`)
    const answer = await session.admin(sql`select (${text})::text as value`)
    const value = answer.ok ? answer.rows[0]?.['value'] : null
    return typeof value === 'string' ? value : null
  })
}

interface Condition {
  readonly column: BoundColumn
  readonly value: Expr
}

/** The only table that the query reads, with the constants that its rows are compared with. */
function tableOf(
  probe: Probe,
  select: Select,
): { relation: Relation; conditions: readonly Condition[] } | null {
  if (select.kind !== 'select' || select.from.length !== 1) return null
  const [item] = select.from
  if (item?.kind !== 'table' || item.cte) return null
  const relation = probe.input.catalog.relations.find(
    ({ schema, name, rls }) =>
      name === item.name && (item.schema === null || schema === item.schema) && rls.enabled,
  )
  if (relation === undefined) return null
  return { relation, conditions: select.where === null ? [] : equalities(select.where) }
}

function equalities(where: Expr): readonly Condition[] {
  if (where.kind === 'and') return where.operands.flatMap(equalities)
  if (where.kind !== 'operator' || where.operator.name !== '=' || where.left === null) return []
  const sides = [where.left, where.right]
  const column = sides.map(bare).find((side) => side.kind === 'bound-column')
  const value = sides.find(isConstant)
  return column === undefined || value === undefined ? [] : [{ column, value }]
}

function bare(expr: Expr): Expr {
  return expr.kind === 'cast' || expr.kind === 'collate' ? bare(expr.operand) : expr
}

function leak(probe: Probe, relation: Relation): Outcome {
  const name = objectName(relation)
  return {
    kind: 'leak',
    statement: sql`select from ${probe.target.name}`,
    what: `a guard that looks into ${name} lets pass what it should stop, because Row Level Security of ${name} hides the row from it`,
    related: [name],
  }
}
