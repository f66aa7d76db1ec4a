import { WatertightError } from '../errors/index.js'

const ours = new WeakMap<object, WatertightError>()

/** Codes whose cause is the server's answer to a statement, which ORMs know how to read. */
const ofConnection = new Set<string>([
  'CONNECTION_FAILED',
  'OUTCOME_UNKNOWN',
  'AUTHENTICATION_FAILED',
])

/**
 * The error as an ORM expects it from its driver. What the server said of a statement is the
 * driver's own error object, with `code` (SQLSTATE), `constraint`, `detail` …, so that
 * `error.code === '23505'` and the ORM's own mapping work; {@link tenancyErrorOf} finds the
 * `WatertightError` that stands for it. Every other error is the `WatertightError` itself.
 */
export function driverErrorOf(error: unknown): unknown {
  if (!(error instanceof WatertightError) || ofConnection.has(error.code)) return error
  const { cause } = error
  if (typeof cause !== 'object' || cause === null || cause instanceof WatertightError) return error
  if (error.sqlState === undefined && error.code !== 'STATEMENT_FAILED') return error
  nameLikePg(cause)
  // As `pg` does: from the socket it came on, the stack leads to nobody.
  if (cause instanceof Error) Error.captureStackTrace(cause)
  ours.set(cause, error)
  return cause
}

/** `postgres` has these fields under names of its own; ORMs look for those of `pg`. */
const fieldNames = ['constraint', 'table', 'column', 'schema'] as const

function nameLikePg(cause: object): void {
  for (const name of fieldNames) {
    const value: unknown = Reflect.get(cause, `${name}_name`)
    if (typeof value !== 'string' || name in cause) continue
    Object.defineProperty(cause, name, { value, configurable: true, enumerable: false })
  }
}

const wrappers = ['cause', 'driverError', 'originalError', 'previous'] as const

/**
 * The `WatertightError` behind an error that an ORM threw: itself, the one that stands for the
 * driver's error, or the one in a wrapper of the ORM. Null for an error of something else.
 *
 * @example
 * ```ts
 * catch (error) {
 *   if (tenancyErrorOf(error)?.code === 'ACCESS_DENIED') return notFound()
 * }
 * ```
 */
export function tenancyErrorOf(error: unknown): WatertightError | null {
  const seen = new Set<object>()
  const waiting: unknown[] = [error]
  while (waiting.length > 0) {
    const next = waiting.shift()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    const known = next instanceof WatertightError ? next : ours.get(next)
    if (known !== undefined) return known
    for (const name of wrappers) waiting.push(Reflect.get(next, name))
  }
  return null
}
