import { WatertightError } from '../errors/index.js'
import type { Queryable, Sql } from '../sql/index.js'

/**
 * Runs a statement that returns one row of JSON texts and parses each. Text, because drivers
 * differ in how they parse JSON and users may replace their parsers.
 */
export async function readDocuments<Documents extends object>(
  db: Queryable,
  query: Sql,
  values: unknown[],
): Promise<Documents> {
  const { rows } = await db.query<Record<string, string>>(query.text, values)
  const parts: [string, unknown][] = []
  for (const [name, text] of Object.entries(onlyRow(rows))) parts.push([name, JSON.parse(text)])
  return asDocument(Object.fromEntries(parts))
}

/** Parses JSON that one of the catalog queries built, whose shape its query therefore knows. */
export function parseDocument<Document extends object>(text: string): Document {
  return asDocument(JSON.parse(text))
}

/** The first row of a statement that always returns one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const row = rows[0]
  if (row !== undefined) return row
  throw new WatertightError('STATEMENT_FAILED', 'the server returned no row for a catalog query')
}

function asDocument<Document extends object>(value: unknown): Document {
  if (isDocument<Document>(value)) return value
  throw new WatertightError('STATEMENT_FAILED', 'the server returned no JSON for a catalog query')
}

function isDocument<Document extends object>(value: unknown): value is Document {
  return typeof value === 'object' && value !== null
}
