import { createHash } from 'node:crypto'
import { ident, sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextSettings } from '../session.js'
import type { WorldStatement } from './world-statement.js'

/** What a tenant learns from a statement: rows are compared as a digest and never kept. */
export interface Observation {
  readonly digest: string
  /** Safe to say: how many rows, or which SQLSTATE. */
  readonly shown: string
}

/** Runs a statement as a tenant would, and takes back what it did, sequences apart. */
export async function observe(
  db: Queryable,
  role: string,
  context: ContextSettings,
  { sql: statement, values }: WorldStatement,
): Promise<Observation> {
  await db.query('savepoint watertight_world')
  try {
    for (const [name, value] of context) {
      await db.query('select set_config($1, $2, true)', [name, value])
    }
    await db.query(sql`set local role ${ident(role)}`.text)
    try {
      const { rows, rowCount } = await db.query(statement.text, [...values])
      // Deferred constraints and triggers speak up, too.
      await db.query('set constraints all immediate')
      return seen(`${rowCount ?? 0} rows`, { rowCount, rows })
    } catch (error) {
      const { code, message, detail, constraint } = error as Readonly<Record<string, unknown>>
      if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
      return seen(`SQLSTATE ${code}`, { code, message, detail, constraint })
    }
  } finally {
    await db.query('rollback to savepoint watertight_world')
    await db.query('release savepoint watertight_world')
  }
}

function seen(shown: string, what: unknown): Observation {
  return { shown, digest: createHash('sha256').update(JSON.stringify(what)).digest('hex') }
}
