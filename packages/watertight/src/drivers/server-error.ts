/**
 * Whether PostgreSQL itself made an error, rather than a pooler that lost its server: only
 * PostgreSQL names the routine of its source (manual, section 54.8). What a pooler says of a
 * transaction is a guess: the server may have committed before the pooler lost it.
 */
export function isOfPostgres(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'routine' in error && error.routine != null
}
