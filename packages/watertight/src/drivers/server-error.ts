/**
 * Whether PostgreSQL itself made an error, rather than a pooler that lost its server: only
 * PostgreSQL names the routine of its source (manual, section 54.8). What a pooler says of a
 * transaction is a guess: the server may have committed before the pooler lost it.
 */
export function isOfPostgres(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'routine' in error && error.routine != null
}

/**
 * The server, or what stands before it, said it was ready before it had answered every statement.
 * What became of those is not known, so the flight is lost rather than landed.
 */
export function readyEarly(): Error {
  return new Error('the server was ready before it had answered every statement')
}
