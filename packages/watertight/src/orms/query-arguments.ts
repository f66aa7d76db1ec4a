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

/** What a call of `query` asked for. */
export interface QueryArguments {
  readonly statement: Statement
  readonly callback: Callback<ScopedResult> | null
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
 * Reads the forms that `pg` takes: a text or a config, values, a callback. The `name` of a
 * prepared statement is left to the driver, which knows what may be prepared. `ownTypes` parse the
 * rows of a query that brings no parsers.
 *
 * @throws INVALID_INPUT for a submittable: it would speak to the connection itself (a client takes
 * cursors and query streams before they come here); and for anything without a text.
 */
export function parseQueryArguments(
  query: unknown,
  values?: unknown,
  callback?: unknown,
  ownTypes?: TypeParsers,
): QueryArguments {
  const config: QueryConfig = typeof query === 'object' && query !== null ? query : { text: query }
  if (typeof config.submit === 'function') {
    throw new WatertightError('INVALID_INPUT', 'only a client reads cursors and query streams', {
      hint: 'Hand them to a client of the pool, or read large results with tx.stream().',
    })
  }
  const isValues = values !== undefined && values !== null && typeof values !== 'function'
  const bound: unknown = isValues ? values : (config.values ?? noValues)
  if (typeof config.text !== 'string' || !Array.isArray(bound)) {
    throw new WatertightError('INVALID_INPUT', 'a query is a text and an array of values')
  }
  const { text, rowMode } = config
  const types = config.types ?? ownTypes
  return {
    statement: {
      text,
      values: bound as unknown[],
      ...(rowMode === 'array' && { rowMode }),
      ...(types !== undefined && types !== null && { types: types as Statement['types'] & object }),
    },
    callback: callbackOf(isValues ? callback : (values ?? callback)) ?? callbackOf(config.callback),
  }
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
