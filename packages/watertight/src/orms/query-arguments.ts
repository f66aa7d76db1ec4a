import { WatertightError } from '../errors/index.js'
import type { ResultField, Statement, TypeParsers } from '../runtime/index.js'

/** A result in the shape of `pg.Result`. */
export interface ScopedResult<Row = Record<string, unknown>> {
  rows: Row[]
  rowCount: number | null
  /** Null for an empty statement. */
  command: string | null
  fields: ResultField[]
  /** 0 for INSERT since PostgreSQL 12; otherwise null. */
  oid: number | null
}

// `pg` passes no result beside an error, and null for no error.
export type Callback<Result> = (error: unknown, result?: Result) => void

/** The arguments of `query`, in any of the forms that `pg` takes. */
export interface QueryArguments {
  /** A text or a config. */
  readonly query: unknown
  readonly values?: unknown
  readonly callback?: unknown
  /** Parsers for the rows of a query that brings none. */
  readonly ownTypes?: TypeParsers | undefined
}

interface QueryConfig {
  readonly text?: unknown
  readonly values?: unknown
  readonly rowMode?: unknown
  readonly types?: unknown
  readonly callback?: unknown
  readonly submit?: unknown
}

const noValues: readonly unknown[] = Object.freeze([])

/**
 * Runs what a call of `query` asked for, and gives the outcome to its callback or as a promise. As
 * in `pg`, what stands against the arguments arrives there too, and is not thrown.
 *
 * @throws INVALID_INPUT for a submittable, whose caller waits for events and not for an outcome (a
 * client takes cursors and query streams before they come here).
 */
export function answerQuery(
  asked: QueryArguments,
  execute: (statement: Statement) => Promise<ScopedResult>,
): Promise<ScopedResult> | undefined {
  const config = configOf(asked.query)
  if (typeof config.submit === 'function') {
    throw new WatertightError('INVALID_INPUT', 'only a client reads cursors and query streams', {
      hint: 'Hand them to a client of the pool. Stream with tx.stream(), copy in tx.run().',
    })
  }
  const { values, callback } = asked
  const done = callbackOf(values) ?? callbackOf(callback) ?? callbackOf(config.callback)
  return deliver(outcomeOf(asked, execute), done)
}

function outcomeOf(
  asked: QueryArguments,
  execute: (statement: Statement) => Promise<ScopedResult>,
): Promise<ScopedResult> {
  try {
    return execute(statementOf(asked))
  } catch (error) {
    return Promise.resolve().then(() => {
      throw error
    })
  }
}

/**
 * Reads the text or config and the values. The `name` of a prepared statement is left to the
 * driver, which knows what may be prepared.
 *
 * @throws INVALID_INPUT for anything without a text, and for values that are no array.
 */
export function statementOf({ query, values, ownTypes }: QueryArguments): Statement {
  const config = configOf(query)
  const isValues = values !== undefined && values !== null && typeof values !== 'function'
  const bound: unknown = isValues ? values : (config.values ?? noValues)
  if (typeof config.text !== 'string' || !Array.isArray(bound)) {
    throw new WatertightError('INVALID_INPUT', 'a query is a text and an array of values')
  }
  const { text, rowMode } = config
  const types = config.types ?? ownTypes
  return {
    text,
    values: bound as unknown[],
    ...(rowMode === 'array' && { rowMode }),
    ...(types !== undefined && types !== null && { types: types as Statement['types'] & object }),
  }
}

function configOf(query: unknown): QueryConfig {
  return typeof query === 'object' && query !== null ? query : { text: query }
}

function callbackOf(given: unknown): Callback<ScopedResult> | null {
  return typeof given === 'function' ? (given as Callback<ScopedResult>) : null
}

/** Gives the outcome to the callback, if there is one; what the callback throws is uncaught. */
export function deliver<Result>(
  outcome: Promise<Result>,
  callback: Callback<Result> | null,
): Promise<Result> | undefined {
  if (callback === null) return outcome
  outcome.then(
    (result) => process.nextTick(callback, null, result),
    (error: unknown) => process.nextTick(callback, error),
  )
  return undefined
}
