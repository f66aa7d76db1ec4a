import type { Expr, ExprOf } from '../expr/index.js'

/** What is known of a value before a row is looked at. */
export type Known =
  | { readonly kind: 'constant'; readonly value: string | boolean | null }
  /** The value that the row has in a column. */
  | { readonly kind: 'column'; readonly name: string; readonly notNull: boolean }
  | { readonly kind: 'unknown' }

/** What an expression is evaluated under. */
export interface Surroundings {
  /** Settings of the context: null was never set, '' is what a transaction leaves behind. */
  readonly settings: ReadonlyMap<string, string | null>
  /** Columns of the row and whether they are NOT NULL. */
  readonly columns: ReadonlyMap<string, boolean>
  /** A column that is taken to be NULL. */
  readonly empty?: string
}

const unknown: Known = { kind: 'unknown' }
const constant = (value: string | boolean | null): Known => ({ kind: 'constant', value })
const isNull = (known: Known): boolean => known.kind === 'constant' && known.value === null

/**
 * Evaluates an expression as far as the context alone decides it. A constant holds for every row;
 * everything that is not modelled is unknown.
 */
export function evaluate(expr: Expr, around: Surroundings): Known {
  switch (expr.kind) {
    case 'literal':
      return constant(typeof expr.value === 'number' ? String(expr.value) : expr.value)
    case 'column': {
      const notNull = around.columns.get(expr.name)
      if (expr.qualifier.length <= 1 && expr.name === around.empty) return constant(null)
      return expr.qualifier.length > 1 || notNull === undefined
        ? unknown
        : { kind: 'column', name: expr.name, notNull }
    }
    case 'cast':
      return cast(expr, evaluate(expr.operand, around))
    case 'and':
      return junction(expr.operands, around, false)
    case 'or':
      return junction(expr.operands, around, true)
    case 'not': {
      const known = evaluate(expr.operand, around)
      if (isNull(known)) return known
      return typeof truth(known) === 'boolean' ? constant(!truth(known)) : unknown
    }
    case 'null-test':
      return nullTest(evaluate(expr.operand, around), expr.negated)
    case 'boolean-test':
      return booleanTest(expr, evaluate(expr.operand, around))
    case 'distinct-test': {
      const same = identical(evaluate(expr.left, around), evaluate(expr.right, around))
      return same === undefined ? unknown : constant(expr.negated ? same : !same)
    }
    case 'coalesce':
      return coalesce(expr.operands.map((operand) => evaluate(operand, around)))
    case 'nullif': {
      const left = evaluate(expr.left, around)
      const right = evaluate(expr.right, around)
      if (isNull(left)) return left
      if (left.kind !== 'constant' || right.kind !== 'constant') return unknown
      return left.value === right.value ? constant(null) : left
    }
    case 'operator':
      return operator(expr, around)
    case 'pattern-test':
      return pattern(expr, around)
    case 'case':
      return branches(expr, around)
    case 'call':
      return setting(expr, around)
    case 'subquery':
      return wrapped(expr, around)
    default:
      return unknown
  }
}

function truth(known: Known): boolean | null | undefined {
  if (known.kind !== 'constant') return undefined
  return typeof known.value === 'string' ? undefined : known.value
}

const sameText: ReadonlySet<string> = new Set(['text', 'varchar'])

/** A cast keeps NULL whatever the type is, and a text where the type is one. */
function cast({ type }: ExprOf<'cast'>, known: Known): Known {
  if (isNull(known)) return known
  if (type.dimensions.length > 0 || type.modifiers.length > 0) return unknown
  if (sameText.has(type.name)) return known
  if (known.kind === 'constant' && /^bool(ean)?$/.test(type.name)) {
    if (known.value === 'true' || known.value === true) return constant(true)
    if (known.value === 'false' || known.value === false) return constant(false)
  }
  return unknown
}

/** OR is decided by one true operand, AND by one false; else all have to be known. */
function junction(operands: readonly Expr[], around: Surroundings, decisive: boolean): Known {
  const values = operands.map((operand) => truth(evaluate(operand, around)))
  if (values.includes(decisive)) return constant(decisive)
  if (values.includes(undefined)) return unknown
  return constant(values.includes(null) ? null : !decisive)
}

function nullTest(known: Known, negated: boolean): Known {
  if (known.kind === 'constant') return constant((known.value === null) !== negated)
  return known.kind === 'column' && known.notNull ? constant(negated) : unknown
}

function booleanTest({ value, negated }: ExprOf<'boolean-test'>, known: Known): Known {
  const found = truth(known)
  if (found === undefined) return unknown
  const wanted = value === 'unknown' ? null : value === 'true'
  return constant((found === wanted) !== negated)
}

/** NULL counts as a value of its own. */
function identical(left: Known, right: Known): boolean | undefined {
  if (left.kind === 'column' && right.kind === 'column' && left.name === right.name) return true
  if (left.kind !== 'constant' || right.kind !== 'constant') {
    const [column, other] = left.kind === 'column' ? [left, right] : [right, left]
    return column.kind === 'column' && column.notNull && isNull(other) ? false : undefined
  }
  if (left.value === null || right.value === null) return left.value === right.value
  return left.value === right.value ? true : undefined
}

function coalesce(values: readonly Known[]): Known {
  const rest = values.slice(values.findIndex((value) => !isNull(value)))
  const [first] = rest
  if (first === undefined || values.every(isNull)) return constant(null)
  // A column that may be NULL yields to what follows, unless nothing does.
  const decided = rest.length === 1 || first.kind === 'constant'
  return decided || (first.kind === 'column' && first.notNull) ? first : unknown
}

/** PostgreSQL's own operators of these names are strict: NULL in, NULL out. */
const strict: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '||',
  '->',
  '->>',
  '#>',
  '#>>',
  '~',
  '^@',
])

function operator(
  { operator: { name }, left, right }: ExprOf<'operator'>,
  around: Surroundings,
): Known {
  if (left === null || !strict.has(name)) return unknown
  const [one, two] = [evaluate(left, around), evaluate(right, around)]
  if (isNull(one) || isNull(two)) return constant(null)
  if (name === '||' && one.kind === 'constant' && two.kind === 'constant') {
    const parts = [one.value, two.value]
    return parts.every((part) => typeof part === 'string') ? constant(parts.join('')) : unknown
  }
  if (name !== '=' && name !== '<>') return unknown
  if (one.kind === 'column' && two.kind === 'column') {
    return one.name === two.name && one.notNull ? constant(name === '=') : unknown
  }
  return identical(one, two) === true ? constant(name === '=') : unknown
}

/** Only a pattern of nothing but `%` says the same of every text. */
function pattern(expr: ExprOf<'pattern-test'>, around: Surroundings): Known {
  const value = evaluate(expr.pattern, around)
  const operand = evaluate(expr.operand, around)
  if (isNull(value) || isNull(operand)) return constant(null)
  const matchesAll = value.kind === 'constant' && /^%+$/.test(String(value.value))
  if (!matchesAll || expr.form === 'similar' || expr.escape !== null) return unknown
  return operand.kind === 'column' && operand.notNull ? constant(!expr.negated) : unknown
}

function branches(expr: ExprOf<'case'>, around: Surroundings): Known {
  if (expr.operand !== null) return unknown
  for (const { when, result } of expr.branches) {
    const holds = truth(evaluate(when, around))
    if (holds === undefined) return unknown
    if (holds === true) return evaluate(result, around)
  }
  return expr.otherwise === null ? constant(null) : evaluate(expr.otherwise, around)
}

/** `current_setting(name, true)`; without the second argument an unset one is an error. */
function setting(
  { function: { schema, name }, args }: ExprOf<'call'>,
  around: Surroundings,
): Known {
  if (name !== 'current_setting' || (schema !== null && schema !== 'pg_catalog')) return unknown
  const [first, second] = args
  if (first === undefined) return unknown
  const named = evaluate(first.value, around)
  if (named.kind !== 'constant' || typeof named.value !== 'string') return unknown
  const value = around.settings.get(named.value.toLowerCase())
  if (value === undefined) return unknown
  const mayMiss = second !== undefined && truth(evaluate(second.value, around)) === true
  return value === null && !mayMiss ? unknown : constant(value)
}

/** `(SELECT expression)` without a FROM. */
function wrapped({ form, select }: ExprOf<'subquery'>, around: Surroundings): Known {
  if (form !== 'scalar' || select.kind !== 'select') return unknown
  const [target, ...more] = select.targets
  const isPlain =
    select.from.length + select.ctes.length + select.groupBy.length + more.length === 0
  if (target === undefined || !isPlain || select.where !== null || select.having !== null)
    return unknown
  return select.limit === null && select.offset === null ? evaluate(target.value, around) : unknown
}
