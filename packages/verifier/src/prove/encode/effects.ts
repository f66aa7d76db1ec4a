import { hasAggregate, isAggregateCall, mapExpr, walk } from '../../expr/index.js'
import type { Expr, PlainSelect } from '../../expr/index.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'

/** What sorts, groups and counts the rows of a query, which no proof is about, is noted for what it may do. */
export function noteTail(
  { orderBy, limit, offset, distinct, groupBy, having }: PlainSelect,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): void {
  const keys = orderBy.map(({ value }) => value)
  for (const expr of [...keys, limit, offset, ...(distinct ?? []), ...groupBy, having]) {
    if (expr !== null) noteEffects(expr, encoding, frame, encode)
  }
}

/** Encodes an expression whose value does not matter: a call in it may change data or settings. */
export function noteEffects(expr: Expr, encoding: Encoding, frame: Frame, encode: Encode): void {
  if (!mayAct(expr)) return
  if (!hasAggregate(expr)) {
    encode(expr, encoding, frame)
    return
  }
  const note = (inner: Expr): Expr => {
    noteEffects(inner, encoding, frame, encode)
    return inner
  }
  if (isAggregateCall(expr) && expr.args.some(({ value }) => value.kind === 'star')) return
  mapExpr(expr, { expr: note, select: (select) => select })
}

function mayAct(root: Expr): boolean {
  let found = false
  walk(root, { expr: ({ kind }) => void (found ||= kind === 'call' || kind === 'opaque') })
  return found
}
