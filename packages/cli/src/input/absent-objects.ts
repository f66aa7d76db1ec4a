import { ident, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/** What a statement names and no script makes, and how it is made instead. */
export interface AbsentObject {
  readonly make: Sql
  readonly note: string
}

/** Tables in which tools keep which migrations they ran: they are there before the first one runs. */
const keptByTools: ReadonlySet<string> = new Set([
  '__drizzle_migrations',
  '__EFMigrationsHistory',
  '_prisma_migrations',
  '_sqlx_migrations',
  'alembic_version',
  'ar_internal_metadata',
  'atlas_schema_revisions',
  'databasechangelog',
  'databasechangeloglock',
  'django_migrations',
  'flyway_schema_history',
  'goose_db_version',
  'gorp_migrations',
  'knex_migrations',
  'knex_migrations_lock',
  'schema_migrations',
  'SequelizeMeta',
])

/** What an error says is missing, where it can be made: roles, and tables that tools for migrations keep. */
export function absentObject(error: unknown): AbsentObject | null {
  if (!(error instanceof Error)) return null
  const role = /^role "(.+)" does not exist$/s.exec(error.message)?.[1]
  if (role !== undefined) {
    return {
      make: sql`create role ${ident(role)} nologin`,
      note: `created role ${role} (NOLOGIN), which the script names and does not create`,
    }
  }
  const table = /^relation "(?:public\.)?(.+)" does not exist$/s.exec(error.message)?.[1]
  if (table === undefined || !keptByTools.has(table)) return null
  return {
    make: sql`create table public.${ident(table)} (version text primary key)`,
    note: `created table ${table}, in which a tool keeps the migrations that it ran`,
  }
}
