import { WatertightError } from '../errors/index.js'
import type { Statement } from './driver.js'
import { holdsCursor } from './held-cursor.js'
import { isTransactionControl } from './transaction-control.js'

/** One statement of a batch: a text, an object with text and values, or a pair of both. */
export type BatchItem = string | Statement | readonly [text: string, values: readonly unknown[]]

function malformed(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'a statement is a text and an array of values')
}

/**
 * A statement from a text and its values, or from an object that holds both.
 *
 * @throws INVALID_INPUT for anything but a text and an array of values, for commands that begin or
 * end a transaction, since the context would end with it, and for cursors that outlive theirs.
 */
export function statementOf(given: unknown, values?: unknown): Statement {
  const isText = typeof given === 'string'
  const object = isText || given === null ? null : (given as Partial<Statement>)
  const text = isText ? given : object?.text
  const bound: unknown = values ?? object?.values ?? []
  if (typeof text !== 'string' || !Array.isArray(bound)) throw malformed()
  if (isTransactionControl(text)) {
    throw new WatertightError('INVALID_INPUT', 'a statement would begin or end a transaction', {
      hint: 'Leave BEGIN, COMMIT and ROLLBACK to run().',
    })
  }
  if (holdsCursor(text)) {
    throw new WatertightError('INVALID_INPUT', 'a cursor WITH HOLD would outlive its transaction', {
      hint: 'Its rows could be fetched by the next tenant on the connection. Use stream().',
    })
  }
  const own = [...(bound as unknown[])]
  return object === null ? { text, values: own } : { ...object, text, values: own }
}

/**
 * The statements of a batch, in order.
 *
 * @throws INVALID_INPUT as {@link statementOf}, and for anything but an array.
 */
export function statementsOf(items: unknown): readonly Statement[] {
  if (!Array.isArray(items)) {
    throw new WatertightError('INVALID_INPUT', 'a batch is an array of statements')
  }
  return (items as unknown[]).map((item) =>
    Array.isArray(item) ? statementOf(item[0], item[1]) : statementOf(item),
  )
}
