import type { ErrorCode } from './error-codes.js'

/** A problem found in untrusted input, with the path of the value it is about. */
export interface Problem {
  /** Dotted path from the root of the input, for example `tables.evt.events.public.columns[2]`. */
  readonly path: string
  /** What is wrong there and what was expected. */
  readonly message: string
}

/** What an error carries beside its code and message. Never row data, never secrets. */
export interface ErrorDetails {
  /** The database object or setting the error is about, as a person would write it. */
  readonly object?: string
  /** What to do next. Shown by the CLI on a line of its own. */
  readonly hint?: string
  /** All problems of a rejected input. */
  readonly problems?: readonly Problem[]
  /** SQLSTATE that the server reported, when the error came from it. */
  readonly sqlState?: string
  readonly cause?: unknown
}

/**
 * The one error class of watertight: a stable `code`, a message that names object, expectation and
 * fix, and machine-readable details.
 *
 * @example
 * ```ts
 * try {
 *   await tx.query(context, 'select 1')
 * } catch (error) {
 *   if (error instanceof WatertightError && error.code === 'CONTEXT_EXPIRED') return unauthorised()
 * }
 * ```
 */
export class WatertightError extends Error {
  override readonly name = 'WatertightError'
  readonly code: ErrorCode
  readonly object: string | undefined
  readonly hint: string | undefined
  readonly problems: readonly Problem[]
  readonly sqlState: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.object = details.object
    this.hint = details.hint
    this.problems = Object.freeze([...(details.problems ?? [])])
    this.sqlState = details.sqlState
  }
}
