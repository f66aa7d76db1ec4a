import { WatertightError } from '../../errors/index.js'
import { qualifiedName, sql } from '../../sql/index.js'
import type { Queryable, Sql } from '../../sql/index.js'

// Whoever has the privileges of the owner is not bound by Row Level Security but for FORCE (manual,
// section 5.9). Partitions are read through their roots.
const forcedOwnTables = `
  select n.nspname as schema, c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relrowsecurity and c.relforcerowsecurity and c.relkind in ('r', 'p')
    and not c.relispartition and pg_has_role(c.relowner, 'USAGE')
    and not (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user)
  order by 1, 2`

/**
 * Runs `work` with FORCE lifted from the tables that the role owns, for roles without BYPASSRLS; it is
 * back before the transaction of the caller commits.
 *
 * SECURITY: ALTER TABLE locks each table against everyone else until then (ACCESS EXCLUSIVE), so
 * nobody runs a statement while a table is without FORCE; a rollback undoes it as well.
 *
 * @param lockTimeout milliseconds to wait for each table
 * @throws LOCK_NOT_AVAILABLE when a table stays in use for longer.
 */
export async function withForceLifted<Result>(
  db: Queryable,
  lockTimeout: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await db.query<{ schema: string; name: string }>(forcedOwnTables)
  const tables = rows.map(({ schema, name }) => qualifiedName(schema, name))
  if (tables.length === 0) return work()
  await db.query(`select set_config('lock_timeout', $1, true)`, [`${String(lockTimeout)}ms`])
  for (const table of tables) await lift(db, table)
  const result = await work()
  // A table with constraint checks still to come cannot be altered.
  await db.query('set constraints all immediate')
  for (const table of tables) {
    await db.query(sql`alter table only ${table} force row level security`.text)
  }
  return result
}

async function lift(db: Queryable, table: Sql): Promise<void> {
  try {
    await db.query(sql`alter table only ${table} no force row level security`.text)
  } catch (cause) {
    const state: unknown = Reflect.get(Object(cause), 'code')
    if (state !== '55P03' && state !== '40P01') throw cause
    throw new WatertightError('LOCK_NOT_AVAILABLE', 'a table stayed in use; nothing was changed', {
      sqlState: state,
      object: table.text,
      hint: 'Try again in a quieter hour, or as a role with BYPASSRLS, which locks no tables.',
      cause,
    })
  }
}
