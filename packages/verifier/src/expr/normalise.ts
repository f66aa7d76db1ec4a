import { deepFreeze } from './freeze.js'
import type { Cast, Expr, OperatorCall, PatternTest } from './ir/expr.js'
import type { TypeName } from './ir/names.js'
import { mapExpr } from './traverse/map-expr.js'
import type { ChildMapper } from './traverse/map-expr.js'
import { mapSelect } from './traverse/map-select.js'

const children: ChildMapper = {
  expr: (expr) => simplify(mapExpr(expr, children)),
  select: (select) => mapSelect(select, children),
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

/** The types that constants have before any cast, as the grammar spells them. */
const constantTypes = { boolean: 'bool', integer: 'int4' } as const

function isNeedless({ operand, type }: Cast): boolean {
  if (operand.kind === 'cast') return isPlain(type) && sameType(operand.type, type)
  if (operand.kind !== 'literal' || type.schema !== 'pg_catalog' || !isPlain(type)) return false
  return operand.type === 'boolean' || operand.type === 'integer'
    ? constantTypes[operand.type] === type.name
    : false
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
  return { kind: 'pattern-test', operand: left, pattern: right, escape: null, ...pattern }
}
