import { WatertightError } from '../errors/index.js'
import type { LostFlight, StatementFailure } from './driver.js'

/** The fields of a server error that drivers agree on (manual, section 54.8). */
interface ServerFields {
  readonly code?: unknown
  readonly message?: unknown
  readonly schema?: unknown
  readonly table?: unknown
  readonly constraint?: unknown
}

function fieldsOf(cause: unknown): ServerFields {
  return typeof cause === 'object' && cause !== null ? cause : {}
}

function sqlStateOf(cause: unknown): string | undefined {
  const { code } = fieldsOf(cause)
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** `schema.table (constraint)`, or what a 42501 message names. Never values: DETAIL is not read. */
function objectOf(cause: unknown): string | undefined {
  const { schema, table, constraint, message } = fieldsOf(cause)
  if (typeof table === 'string') {
    const relation = typeof schema === 'string' ? `${schema}.${table}` : table
    return typeof constraint === 'string' ? `${relation} (${constraint})` : relation
  }
  if (sqlStateOf(cause) !== '42501' || typeof message !== 'string') return undefined
  return / for (?:[a-z]+ )+"?([^"]+)"?$/.exec(message)?.[1]
}

/** Hints for refusals that PostgreSQL leaves unexplained. */
function hintOf(sqlState: string | undefined, message: unknown): string | undefined {
  if (sqlState !== '0A000' || typeof message !== 'string') return undefined
  if (!/copy from/i.test(message) || !/row-level security/i.test(message)) return undefined
  return (
    'PostgreSQL refuses COPY FROM on a table with RLS. COPY into a temporary table and INSERT ' +
    '... SELECT from it, or INSERT ... SELECT from unnest($1, $2, ...).'
  )
}

/**
 * The typed error of a statement that has no result. `cause` is what the driver reported; `at` is
 * the place of the statement in the batch of the caller.
 */
export function statementError(
  failure: StatementFailure,
  at: number | null = null,
): WatertightError {
  const { cause } = failure
  const problems = at === null ? [] : [{ path: `statements[${at}]`, message: 'failed' }]
  if (failure.origin === 'client') {
    return new WatertightError(
      'STATEMENT_FAILED',
      'a parameter or a result cannot be converted; see cause',
      { cause, problems },
    )
  }
  const sqlState = sqlStateOf(cause)
  const object = objectOf(cause)
  const hint = hintOf(sqlState, fieldsOf(cause).message)
  const details = {
    cause,
    problems,
    ...(hint !== undefined && { hint }),
    ...(sqlState !== undefined && { sqlState }),
    ...(object !== undefined && { object }),
  }
  const on = object === undefined ? '' : ` on ${object}`
  if (sqlState === '42501') {
    return new WatertightError(
      'ACCESS_DENIED',
      `the isolation layer refused the statement${on} (SQLSTATE 42501)`,
      {
        ...details,
        hint:
          'Check the tenant of the row written, and what the role of this mode is granted. ' +
          'INSERT ... RETURNING needs a policy for SELECT as well.',
      },
    )
  }
  return new WatertightError(
    'STATEMENT_FAILED',
    `the server rejected the statement${on} (SQLSTATE ${sqlState ?? 'unknown'}); see cause`,
    details,
  )
}

/** The typed error of a connection that could not be had. */
export function connectionError(cause: unknown): WatertightError {
  if (cause instanceof WatertightError) return cause
  const sqlState = sqlStateOf(cause)
  const details = { cause, ...(sqlState !== undefined && { sqlState }) }
  if (sqlState === '28P01' || sqlState === '28000') {
    return new WatertightError('AUTHENTICATION_FAILED', 'the server refused the login', {
      ...details,
      hint: 'Check role and password in the connection string of the pool, and pg_hba.conf.',
    })
  }
  return new WatertightError('CONNECTION_FAILED', 'no connection to the server; see cause', {
    ...details,
    hint: 'Check that the server runs, host, port and database name, and the size of the pool.',
  })
}

/** The typed error of a connection that broke where nothing can have been committed. */
export function lostError({ cause }: LostFlight): WatertightError {
  const sqlState = sqlStateOf(cause)
  return new WatertightError(
    'CONNECTION_FAILED',
    'the connection was lost; the transaction did not commit',
    { cause, ...(sqlState !== undefined && { sqlState }) },
  )
}

/** The typed error of a connection that broke where a commit may have happened. */
export function unknownOutcome({ cause }: LostFlight): WatertightError {
  return new WatertightError(
    'OUTCOME_UNKNOWN',
    'the connection was lost while committing; whether the commit took place is unknown',
    { cause, hint: 'Read back what the transaction wrote before you repeat it.' },
  )
}
