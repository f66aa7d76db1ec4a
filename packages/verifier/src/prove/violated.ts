import type { Encoding } from './encode/encoding.js'
import type { Row } from './encode/row-shape.js'
import type { Obligation } from './obligation.js'
import { reachedRows } from './reached-rows.js'
import { and, or } from './terms/term.js'
import type { Term } from './terms/term.js'

/**
 * The command reaches a row that is wrong for it to reach; undefined when it cannot be said which
 * rows are. What is wrong is asked last, when every row that the policies speak about is known.
 */
export function violated(
  encoding: Encoding,
  obligation: Obligation,
  isWrong: (row: Row) => Term | undefined,
): Term | undefined {
  const parts: Term[] = []
  for (const { row, reached } of reachedRows(encoding, obligation)) {
    const wrong = isWrong(row)
    if (wrong === undefined) return undefined
    parts.push(and(reached, wrong))
  }
  return or(...parts)
}
