import { and, atMost, choose, eq, less, not, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { unified } from './cast.js'
import { approximated } from './encoding.js'
import type { Encoding } from './encoding.js'
import { ownOperator } from './own-meanings.js'
import { bool } from './value.js'
import type { Value } from './value.js'

const orders: Readonly<Record<string, (left: Term, right: Term) => Term>> = {
  '<': less,
  '<=': atMost,
  '>': (left, right) => less(right, left),
  '>=': (left, right) => atMost(right, left),
}

export const comparisons: ReadonlySet<string> = new Set(['=', '<>', '!=', ...Object.keys(orders)])

/** `left operator right` of two scalars. */
export function compare(encoding: Encoding, operator: string, a: Value, b: Value): Value {
  const [left, right] = unified(encoding, a, b)
  noteOwnOperator(encoding, left, right)
  const term = comparison(operator, left, right)
  if (term === undefined) {
    return approximated(encoding, 'bool', `${operator} of ${left.type} and ${right.type}`)
  }
  return bool(term, or(left.isNull, right.isNull), strictFails([left, right]))
}

/** Two operands that an operator of the database's own compares may not be compared as they are. */
function noteOwnOperator({ subject, blockers }: Encoding, left: Value, right: Value): void {
  const own = ownOperator(subject.catalog, left.type, right.type)
  if (own === undefined) return
  blockers.add(`an operator of ${left.type} and ${right.type}, which may be that of ${own}()`)
}

/**
 * When a strict operator fails for its operands. With a constant NULL among them the planner makes
 * it NULL without a look at the others, so that a NULL operand is taken to hide a failing one.
 */
export function strictFails(operands: readonly Value[]): Term {
  const someNull = or(...operands.map(({ isNull, fails }) => and(isNull, not(fails))))
  return and(or(...operands.map(({ fails }) => fails)), not(someNull))
}

function comparison(operator: string, left: Value, right: Value): Term | undefined {
  if (left.type !== right.type || !hasPlainEquality(left)) return undefined
  if (operator === '=') return eq(left.term, right.term)
  if (operator === '<>' || operator === '!=') return not(eq(left.term, right.term))
  const isOrdered = left.type === 'int' || left.type.startsWith('time:')
  return isOrdered ? orders[operator]?.(left.term, right.term) : undefined
}

/** Equal means the same value, whatever the values are. */
export function hasPlainEquality({ type }: Value): boolean {
  return !/^(other|array|json|null|literal)/.test(type)
}

/** `left IS DISTINCT FROM right`. */
export function isDistinct(encoding: Encoding, a: Value, b: Value): Value {
  const [left, right] = unified(encoding, a, b)
  noteOwnOperator(encoding, left, right)
  const equal = comparison('=', left, right)
  const fails = or(left.fails, right.fails)
  const someNull = or(left.isNull, right.isNull)
  const bothNull = and(left.isNull, right.isNull)
  if (left.type === 'null' && right.type === 'null') return bool(not(bothNull))
  if (equal === undefined) {
    return approximated(encoding, 'bool', `IS DISTINCT FROM of ${left.type} and ${right.type}`)
  }
  return bool(choose(someNull, not(bothNull), not(equal)), undefined, fails)
}
