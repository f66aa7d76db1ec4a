import { mapExpr } from '../expr/traverse/map-expr.js'
import type { Expr, Select } from '../expr/index.js'

/** One way to weaken a condition. */
export interface Weakened<Node> {
  readonly kind: 'conjunct-dropped' | 'and-to-or' | 'null-matches' | 'search-widened'
  readonly description: string
  readonly node: Node
}

/** A condition with one part of it weakened, for each part that can be. */
export interface WeakenedExpr {
  readonly kind: Weakened<Expr>['kind']
  readonly description: string
  readonly expr: Expr
}

/** Every condition that differs from this one in one weakened part. */
export function weakened(expr: Expr): readonly WeakenedExpr[] {
  return weakExprs(expr, false).map(({ kind, description, node }) => ({
    kind,
    description,
    expr: node,
  }))
}

/** Every query that differs from this one in one weakened part of a condition. */
export function weakenedSelect(
  select: Select,
): readonly { readonly description: string; readonly select: Select }[] {
  return weakSelects(select).map(({ description, node }) => ({ description, select: node }))
}

const yes: Expr = { kind: 'literal', type: 'boolean', value: true }

function weakExprs(expr: Expr, inSearch: boolean): readonly Weakened<Expr>[] {
  const own = [...ofAnd(expr, inSearch), ...ofEquality(expr)]
  return [...own, ...below(expr, inSearch)]
}

function ofAnd(expr: Expr, inSearch: boolean): readonly Weakened<Expr>[] {
  if (expr.kind !== 'and') return []
  const { operands } = expr
  const dropped = operands.map((_, index) => {
    const rest = operands.filter((_operand, at) => at !== index)
    const [only] = rest
    const node: Expr = rest.length === 1 && only !== undefined ? only : { ...expr, operands: rest }
    return {
      kind: inSearch ? 'search-widened' : 'conjunct-dropped',
      description: `${inSearch ? 'a sub-select loses' : 'loses'} condition ${index + 1} of ${operands.length}`,
      node,
    } as const
  })
  return [
    ...dropped,
    { kind: 'and-to-or', description: 'AND is OR', node: { kind: 'or', operands } },
  ]
}

/** Of values that may be NULL: constants are none. */
function ofEquality(expr: Expr): readonly Weakened<Expr>[] {
  if (expr.kind !== 'operator' || expr.operator.name !== '=' || expr.left === null) return []
  const { left, right } = expr
  if (left.kind === 'literal' || right.kind === 'literal') return []
  if (left.kind === 'row' || right.kind === 'row') return []
  return [
    {
      kind: 'null-matches',
      description: '= is IS NOT DISTINCT FROM',
      node: { kind: 'distinct-test', left, right, negated: true },
    },
  ]
}

/** Weakens one child at a time. Below NOT a weaker condition is a stronger one. */
function below(expr: Expr, inSearch: boolean): readonly Weakened<Expr>[] {
  if (expr.kind === 'not') return []
  const found: Weakened<Expr>[] = []
  let position = 0
  const replaceAt = (target: number, by: Expr | Select): Expr => {
    let at = 0
    return mapExpr(expr, {
      expr: (child) => (at++ === target ? (by as Expr) : child),
      select: (child) => (at++ === target ? (by as Select) : child),
    })
  }
  mapExpr(expr, {
    expr(child) {
      const target = position++
      for (const weak of weakExprs(child, inSearch)) {
        found.push({ ...weak, node: replaceAt(target, weak.node) })
      }
      return child
    },
    select(child) {
      const target = position++
      for (const weak of weakSelects(child)) {
        found.push({ ...weak, node: replaceAt(target, weak.node) })
      }
      return child
    },
  })
  return found
}

function weakSelects(select: Select): readonly Weakened<Select>[] {
  if (select.kind !== 'select') {
    if (select.kind !== 'set-operation') return []
    return [
      ...weakSelects(select.left).map((weak) => ({
        ...weak,
        node: { ...select, left: weak.node },
      })),
      ...weakSelects(select.right).map((weak) => ({
        ...weak,
        node: { ...select, right: weak.node },
      })),
    ]
  }
  const { where } = select
  const found: Weakened<Select>[] = []
  if (where !== null) {
    const alone = where.kind !== 'and' && where.kind !== 'literal'
    if (alone) {
      found.push({
        kind: 'search-widened',
        description: 'a sub-select loses its condition',
        node: { ...select, where: yes },
      })
    }
    for (const weak of weakExprs(where, true)) {
      found.push({ ...weak, node: { ...select, where: weak.node } })
    }
  }
  for (const [index, target] of select.targets.entries()) {
    for (const weak of weakExprs(target.value, false)) {
      const targets = select.targets.map((entry, at) =>
        at === index ? { ...entry, value: weak.node } : entry,
      )
      found.push({ ...weak, node: { ...select, targets } })
    }
  }
  return found
}
