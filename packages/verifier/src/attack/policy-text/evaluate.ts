import { WatertightError } from 'watertight/errors'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { printExpression, walk } from '../../expr/index.js'
import type { BoundColumn, Expr } from '../../expr/index.js'
import type { Probe } from '../attack.js'

/** Every column of the given rows that an expression mentions, sub-queries included. */
export function columnsOf(expr: Expr, occurrence: number): readonly BoundColumn[] {
  const found: BoundColumn[] = []
  walk(expr, {
    expr: (node) => {
      if (node.kind === 'bound-column' && node.occurrence === occurrence) found.push(node)
    },
  })
  return found
}

/** The expression names a column or row of anything that is not inside it. */
export function isConstant(expr: Expr): boolean {
  let constant = true
  walk(expr, {
    expr: (node) => {
      const { kind } = node
      if (kind === 'subquery' || kind === 'subquery-quantified')
        return columnsOf(node, 0).length === 0
      if (kind === 'bound-column' || kind === 'bound-row' || kind === 'column') constant = false
      return undefined
    },
  })
  return constant && columnsOf(expr, 0).length === 0
}

/** The value of a constant expression as text, as the role sees it under the attacker's context. */
export async function evaluate(
  probe: Probe,
  expr: Expr,
  around: (value: Sql) => Sql = (value) => value,
): Promise<string | null> {
  const text = printed(expr)
  if (text === null) return null
  const read = await probe.session.attempt(() =>
    probe.session.as(
      probe.role,
      probe.context,
      sql`select (${around(sql`(${text})`)})::text as value`,
    ),
  )
  const value = read.ok ? read.rows[0]?.['value'] : null
  return typeof value === 'string' ? value : null
}

/** The SQL of an expression; null for one that cannot be printed. */
export function printed(expr: Expr): Sql | null {
  try {
    return printExpression(expr)
  } catch (error) {
    if (error instanceof WatertightError) return null
    throw error
  }
}
