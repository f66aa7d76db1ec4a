import { WatertightError } from '../errors/index.js'
import type { Problem } from '../errors/index.js'
import { formatTableName, tableKey } from '../model/index.js'
import type { TableName, TenancyModel } from '../model/index.js'
import type { CanonicalConditions } from '../plan/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../sql/index.js'
import type { Queryable } from '../sql/index.js'
import { sqlStateOf } from './server-errors.js'

/**
 * Lets the server parse and print the SQL conditions of a declaration (`public.where`), so that they
 * can be compared with what its catalog says, and parse `tenantKey.activeWhere`. Each is tried on a temporary copy of its table that is
 * rolled back; the table itself is neither locked nor changed. `db` must not be in a transaction.
 *
 * @throws MODEL_MISMATCH when a condition does not parse or names a column that is not there.
 */
export async function canonicaliseConditions(
  db: Queryable,
  model: TenancyModel,
): Promise<CanonicalConditions> {
  const conditions: Record<string, string> = {}
  const problems: Problem[] = []
  for (const { table, public: shown } of model.tables) {
    if (shown?.where == null) continue
    const path = `tables.${formatTableName(table)}.public.where`
    const printed = await print(db, table, shown.where, path)
    if (typeof printed === 'string') conditions[tableKey(table)] = printed
    else if (printed) problems.push(printed)
  }
  const { table, activeWhere } = model.tenantKey
  if (table !== null && activeWhere !== null) {
    const tried = await print(db, table, activeWhere, 'tenantKey.activeWhere')
    if (tried !== null && typeof tried !== 'string') problems.push(tried)
  }
  if (problems.length === 0) return conditions
  const lines = problems.map(({ path, message }) => `${path}: ${message}`)
  throw new WatertightError(
    'MODEL_MISMATCH',
    `the tenancy model does not fit the database:\n  ${lines.join('\n  ')}`,
    { problems },
  )
}

/** The condition as printed; a problem; or null when the table is missing, which binding reports. */
async function print(
  db: Queryable,
  table: TableName,
  where: string,
  path: string,
): Promise<string | Problem | null> {
  const copy = qualifiedName('pg_temp', table.name)
  const policy = ident('condition')
  await db.query('begin')
  try {
    await db.query(
      sql`create temporary table ${ident(table.name)} (like ${qualifiedName(table.schema, table.name)}) on commit drop`
        .text,
    )
    await db.query(sql`create policy ${policy} on ${copy} using (${trustedSql(where)})`.text)
    await db.query("select set_config('search_path', 'pg_catalog', true)")
    const { rows } = await db.query<{ condition: string }>(
      `select pg_get_expr(polqual, polrelid) as condition from pg_policy
       where polrelid = $1::regclass and polname = 'condition'`,
      [copy.text],
    )
    return rows[0]?.condition ?? null
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === undefined) throw error
    if (state === '42P01' || state === '3F000') return null
    const message = error instanceof Error ? error.message : String(error)
    return { path, message }
  } finally {
    await db.query('rollback').catch(() => undefined)
  }
}
