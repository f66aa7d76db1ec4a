import { WatertightError } from '../errors/index.js'
import type { Statement } from './driver.js'
import { isTransactionControl } from './transaction-control.js'

/** One statement of a batch: a text, an object with text and values, or a pair of both. */
export type BatchItem = string | Statement | readonly [text: string, values: readonly unknown[]]

function malformed(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'a statement is a text and an array of values')
}

/**
 * A statement from a text and its values, or from an object that holds both.
 *
 * @throws INVALID_INPUT for anything but a text and an array of values, and for commands that begin
 * or end a transaction: the context would end with it.
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
