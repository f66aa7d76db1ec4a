import type { Command } from 'watertight/model'
import type { Expr } from '../../expr/index.js'
import type { Probe } from '../attack.js'
import { parsedPolicies } from '../policy-text/parsed-policies.js'
import type { Values } from '../synthesis/values.js'
import { keyColumns } from '../update-columns.js'
import { wishesOf } from './wishes.js'
import type { Wish } from './wishes.js'

const mostAlternatives = 16
const mostRows = 40

/**
 * Column values with which a row might meet one way through the permissive policies. What decides
 * whose the row is stays as it is; columns of one way are set together.
 */
export async function craftedValues(probe: Probe, command: Command): Promise<readonly Values[]> {
  const { table } = probe.target
  const policies = await parsedPolicies(probe.input, table.relation, probe.role, command)
  const fixed = new Set([...keyColumns(probe.target), table.tenantColumn ?? ''])
  const found = new Map<string, Values>()
  for (const { permissive, expr } of policies) {
    if (!permissive) continue
    for (const conditions of alternatives(expr).slice(0, mostAlternatives)) {
      const wishes: Wish[] = []
      for (const condition of conditions) wishes.push(...(await wishesOf(probe, condition)))
      const usable = wishes
        .filter(({ column }) => !fixed.has(column) && isWritable(probe, column))
        .map((wish) => ({
          ...wish,
          values: wish.values.filter((value) => isFair(probe, command, value)),
        }))
        .filter(({ values }) => values.length > 0)
      for (const values of combinations(usable)) found.set(JSON.stringify(values), values)
    }
  }
  return [...found.values()].slice(0, mostRows)
}

/** Ways to make an expression true: each a list of conditions that hold together. */
function alternatives(expr: Expr): readonly (readonly Expr[])[] {
  if (expr.kind === 'or') return expr.operands.flatMap(alternatives)
  if (expr.kind !== 'and') return [[expr]]
  let ways: readonly (readonly Expr[])[] = [[]]
  for (const operand of expr.operands) {
    const more = alternatives(operand)
    ways = ways.flatMap((way) => more.map((next) => [...way, ...next])).slice(0, mostAlternatives)
  }
  return ways
}

/** A user's own row in another tenant is nobody else's secret; to write one there is another matter. */
function isFair(probe: Probe, command: Command, value: string | null): boolean {
  return command === 'INSERT' || value === null || value !== probe.ownPrincipal.user
}

function isWritable(probe: Probe, name: string): boolean {
  const column = probe.target.table.relation.columns.find((each) => each.name === name)
  return column !== undefined && column.generated === null && column.identity !== 'always'
}

function combinations(wishes: readonly Wish[]): readonly Values[] {
  if (wishes.length === 0) return []
  const most = Math.max(...wishes.map(({ values }) => values.length))
  return Array.from({ length: most }, (_, index) =>
    Object.fromEntries(
      wishes.map(({ column, values }) => [column, values[index % values.length] ?? null]),
    ),
  )
}
