import { deepFreeze } from './freeze.js'
import type { Cast, Expr, OperatorCall, PatternTest } from './ir/expr.js'
import type { TypeName } from './ir/names.js'
import type { Select } from './ir/select.js'
import { outputName } from './resolve/output-name.js'
import { mapExpr } from './traverse/map-expr.js'
import type { ChildMapper } from './traverse/map-expr.js'
import { mapSelect } from './traverse/map-select.js'

const children: ChildMapper = {
  expr: (expr) => simplify(mapExpr(expr, children)),
  select: (select) => keepNames(select, mapSelect(select, children)),
}

/**
 * An expression of the same meaning in every row, role and context, equal for more texts: nested
 * AND and OR are flattened, double negations and casts to the type a constant has anyway are
 * dropped, and LIKE has one form.
 *
 * INVARIANT: equal results mean equal expressions, since verdicts are shared between them.
 */
export function normalise(expr: Expr): Expr {
  return deepFreeze(children.expr(expr))
}

/** A text that is equal for expressions of equal normal form, to remember verdicts by. */
export function shapeOf(expr: Expr): string {
  return JSON.stringify(normalise(expr))
}

/** A simpler target may go by another name, by which the query around it refers to it. */
function keepNames(before: Select, after: Select): Select {
  if (before.kind !== 'select' || after.kind !== 'select') return after
  const targets = after.targets.map((target, index) => {
    const written = before.targets[index] ?? target
    const same = target.alias !== null || outputName(written.value) === outputName(target.value)
    return same ? target : written
  })
  return { ...after, targets }
}

function simplify(expr: Expr): Expr {
  switch (expr.kind) {
    case 'and':
    case 'or':
      return flatten(expr)
    case 'not':
      return expr.operand.kind === 'not' ? boolean(expr.operand.operand, expr) : expr
    case 'cast':
      return isNeedless(expr) ? expr.operand : expr
    case 'operator':
      return asPattern(expr) ?? expr
    default:
      return expr
  }
}

function flatten(expr: Extract<Expr, { kind: 'and' | 'or' }>): Expr {
  const operands = expr.operands.flatMap((operand) =>
    operand.kind === expr.kind ? operand.operands : [operand],
  )
  return { ...expr, operands }
}

/** A double negation also says that its operand is boolean, which a bare string need not be. */
function boolean(inner: Expr, written: Expr): Expr {
  return inner.kind === 'literal' || inner.kind === 'parameter' ? written : inner
}

function isNeedless({ operand, type }: Cast): boolean {
  if (operand.kind === 'cast') return isPlain(type) && sameType(operand.type, type)
  // Not so for integers: a bare one in ORDER BY and GROUP BY is a position.
  const isBoolean = operand.kind === 'literal' && operand.type === 'boolean'
  return isBoolean && isPlain(type) && type.schema === 'pg_catalog' && type.name === 'bool'
}

function isPlain(type: TypeName): boolean {
  return type.modifiers.length === 0 && type.dimensions.length === 0
}

function sameType(left: TypeName, right: TypeName): boolean {
  return isPlain(left) && left.schema === right.schema && left.name === right.name
}

const patterns: Readonly<Record<string, Pick<PatternTest, 'form' | 'negated'>>> = {
  '~~': { form: 'like', negated: false },
  '!~~': { form: 'like', negated: true },
  '~~*': { form: 'ilike', negated: false },
  '!~~*': { form: 'ilike', negated: true },
}

/** `pg_get_expr()` prints LIKE as the operator that it stands for. */
function asPattern({ operator, left, right }: OperatorCall): PatternTest | undefined {
  const pattern = operator.schema === null ? patterns[operator.name] : undefined
  if (pattern === undefined || left === null || right.kind === 'row') return undefined
  const { form, negated } = pattern
  // The order of the parser, since shapes are compared as text.
  return { kind: 'pattern-test', form, operand: left, pattern: right, escape: null, negated }
}
