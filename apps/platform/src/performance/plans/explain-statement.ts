import { ident, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import type { PlanNode } from './plan-node.js'

/** As whom, and under which context, a statement is planned. */
export interface PlannedAs {
  readonly role: string
  /** Signed. */
  readonly context: string
}

/** A plan, or the SQLSTATE of why there is none. */
export type Explained = { readonly plan: PlanNode } | { readonly sqlState: string }

/**
 * Plans a statement with its parameters left open, as PostgreSQL 16 and above can (manual, EXPLAIN,
 * GENERIC_PLAN). Nothing is executed: no ANALYZE, and the transaction is read-only and rolled back.
 *
 * @param statement one statement; whoever calls has read it
 */
export async function explainStatement(
  db: Queryable,
  statement: Sql,
  { role, context }: PlannedAs,
): Promise<Explained> {
  await db.query('begin read only')
  try {
    await db.query("set local statement_timeout = '2s'")
    await db.query("select set_config('watertight.context', $1, true)", [context])
    await db.query(sql`set local role ${ident(role)}`.text)
    const { rows } = await db.query<Record<'QUERY PLAN', readonly { readonly Plan: PlanNode }[]>>(
      sql`explain (generic_plan, verbose, format json) ${statement}`.text,
    )
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
    return plan === undefined ? { sqlState: 'XX000' } : { plan }
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code')
    if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
    // SECURITY: a message may hold a value; the code does not.
    return { sqlState: code }
  } finally {
    await db.query('rollback')
  }
}
