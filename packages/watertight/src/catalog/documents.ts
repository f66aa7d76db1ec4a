import { WatertightError } from '../errors/index.js'
import type { Queryable, Sql } from '../sql/index.js'

/**
 * A statement that returns one row of JSON texts, and the type of what they hold. Text, because
 * drivers differ in how they parse JSON and users may replace their parsers.
 */
export interface DocumentQuery<Documents extends object> {
  readonly sql: Sql
  /** Never there: it ties the type to the statement. */
  readonly documents?: Documents
}

/** Runs a statement and parses its documents. */
export async function readDocuments<Documents extends object>(
  db: Queryable,
  query: DocumentQuery<Documents>,
  values: unknown[],
): Promise<Documents> {
  const { rows } = await db.query<Documents>(query.sql.text, values)
  const row = onlyRow(rows)
  const parsed: [string, unknown][] = []
  for (const [name, text] of Object.entries(row)) parsed.push([name, JSON.parse(String(text))])
  return Object.assign(row, Object.fromEntries(parsed))
}

/** The first row of a statement that always returns one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const row = rows[0]
  if (row !== undefined) return row
  throw new WatertightError('STATEMENT_FAILED', 'the server returned no row for a catalog query')
}
