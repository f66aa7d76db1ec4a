import type { Queryable } from 'watertight/sql'

/** Another client of the database runs a statement or holds a transaction open right now. */
export async function isBusy(db: Queryable): Promise<boolean> {
  const found = await db.query<{ busy: boolean }>(
    `select exists (select from pg_catalog.pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
         and (xact_start is not null or state is null or state <> 'idle')) as busy`,
  )
  return found.rows[0]?.busy !== false
}
