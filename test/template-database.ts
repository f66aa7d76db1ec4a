import { createHash } from 'node:crypto'
import pg from 'pg'
import { ident, sql } from 'watertight/sql'
import { dropDatabase } from './drop-by-prefix.js'
import { runEnvironment } from './run-environment.js'

/** A database that many test files start from. */
export interface DatabaseTemplate {
  /** Names the content: equal keys must mean equal builds. */
  readonly key: string
  /**
   * Fills the empty database. Roles it makes are cluster-wide and not dropped with a test, so their
   * names start with `rolePrefix`, which every database made from the template is told.
   */
  readonly build: (admin: pg.Client, rolePrefix: string) => Promise<void>
}

/**
 * Builds the template once per server and run, however many test files ask at the same time.
 *
 * @param admin a superuser connection to the server's `postgres` database
 * @returns the name of the template database, which is also the prefix of its roles
 */
export async function ensureTemplate(
  admin: pg.Client,
  template: DatabaseTemplate,
): Promise<string> {
  const digest = createHash('sha256').update(template.key).digest('hex').slice(0, 16)
  const name = `wt_${runEnvironment.runId}_template_${digest}`
  await admin.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
  try {
    const found = await admin.query('select from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await buildTemplate(admin, name, template)
  } finally {
    await admin.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
  }
  return name
}

async function buildTemplate(
  admin: pg.Client,
  name: string,
  template: DatabaseTemplate,
): Promise<void> {
  await admin.query(sql`create database ${ident(name)} strategy = file_copy`.text)
  const builder = new pg.Client({
    host: admin.host,
    port: admin.port,
    user: admin.user,
    password: admin.password,
    database: name,
  })
  try {
    await builder.connect()
    await template.build(builder, name)
    await builder.end()
  } catch (error) {
    await builder.end()
    await dropDatabase(admin, name)
    throw error
  }
}

/** CREATE DATABASE copies what is in a template, not the privileges on the database itself. */
export async function copyDatabasePrivileges(
  admin: pg.Client,
  source: string,
  target: string,
): Promise<void> {
  const { rows } = await admin.query<{ role: string | null }>(
    `select case when item.grantee <> 0 then pg_get_userbyid(item.grantee) end as role
     from pg_database d, aclexplode(d.datacl) item
     where d.datname = $1 and item.privilege_type = 'TEMPORARY' and item.grantee <> d.datdba`,
    [source],
  )
  const { rows: stored } = await admin.query(
    'select from pg_database where datname = $1 and datacl is null',
    [source],
  )
  if (stored.length > 0) return
  await admin.query(sql`revoke temporary on database ${ident(target)} from public`.text)
  for (const { role } of rows) {
    const grantee = role === null ? sql`public` : ident(role)
    await admin.query(sql`grant temporary on database ${ident(target)} to ${grantee}`.text)
  }
}
