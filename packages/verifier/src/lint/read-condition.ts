import type { Policy } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { normalise, parseExpression } from '../expr/index.js'
import type { Expr } from '../expr/index.js'

/** A condition of a policy, or why it cannot be read. */
export type ReadCondition = { readonly expr: Expr } | { readonly reason: string }

const read = new WeakMap<Policy, Map<string, ReadCondition>>()

/** Parses a condition of a policy, once for all rules that look at it. */
export function readCondition(policy: Policy, text: string): ReadCondition {
  const known = read.get(policy) ?? new Map<string, ReadCondition>()
  read.set(policy, known)
  const condition = known.get(text) ?? parsed(text)
  known.set(text, condition)
  return condition
}

function parsed(text: string): ReadCondition {
  try {
    const expr = normalise(parseExpression(text))
    if (expr.kind !== 'opaque') return { expr }
    return { reason: `it is ${expr.reason}, which has no model` }
  } catch (error) {
    if (error instanceof WatertightError && error.code === 'UNPARSABLE_SQL') {
      return { reason: error.message }
    }
    throw error
  }
}
