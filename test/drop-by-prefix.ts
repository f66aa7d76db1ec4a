import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { ident, joinSql, sql } from 'watertight/sql'

/**
 * Drops every database, then every role, whose name starts with `prefix`. Databases go first, since
 * nearly all that a role owns or was granted lies inside one.
 */
export async function dropByPrefix(admin: pg.Client, prefix: string): Promise<void> {
  const databases = await admin.query<{ name: string }>(
    `select datname as name from pg_database
      where starts_with(datname, $1)
         or datdba in (select oid from pg_roles where starts_with(rolname, $1))`,
    [prefix],
  )
  for (const { name } of databases.rows) await dropDatabase(admin, name)
  await dropRoles(admin, prefix)
}

/**
 * Drops a database, ending its sessions; one that is gone already is fine.
 *
 * A pool of `pg` says that it has ended before the server has read its farewell. Such a session goes
 * by itself; to be ended by force it would tell its pool, where nobody listens any more.
 */
export async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  await sessionsGone(admin, name)
  await admin.query(sql`drop database if exists ${ident(name)} with (force)`.text)
}

async function sessionsGone(admin: pg.Client, name: string): Promise<void> {
  const patience = performance.now() + 1000
  while (performance.now() < patience) {
    const found = await admin.query(
      "select from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [name],
    )
    if (found.rows.length === 0) return
    await setTimeout(5)
  }
}

async function dropRoles(admin: pg.Client, prefix: string): Promise<void> {
  const found = await admin.query<{ name: string }>(
    'select rolname as name from pg_roles where starts_with(rolname, $1)',
    [prefix],
  )
  if (found.rows.length === 0) return
  const roles = joinSql(found.rows.map(({ name }) => ident(name)))
  // Grants on databases, tablespaces and parameters are cluster-wide and outlive the database.
  await admin.query(sql`drop owned by ${roles}`.text)
  // One statement: a role that granted a membership cannot be dropped before the member.
  await admin.query(sql`drop role ${roles}`.text)
}
