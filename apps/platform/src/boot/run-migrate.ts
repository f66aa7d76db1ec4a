import type pg from 'pg'
import { parseArgs } from 'node:util'
import { WatertightError } from 'watertight/errors'
import type { Variables } from '../program/environment.js'
import { endingSignal } from '../program/ending-signal.js'
import { seedDemoData } from '../demo-data/index.js'
import { configureKeys } from '../keys/key-setup.js'
import { platformTenancy } from '../tenancy.js'
import { addAuditPartitions } from './audit-partitions.js'
import { connectAdmin } from './connect-admin.js'
import { migrateDatabase } from './migrate-database.js'
import { readMigrateEnvironment } from './read-migrate-environment.js'

const usage = `Usage: node dist/src/migrate.mjs [--demo]

Brings the database to this version: tables, partitions of the audit log for the months to come,
isolation layer, signing key, passwords of the runtime roles. Does only what is missing.

  --demo  also fill three demo tenants; never in production, and only as a role that bypasses
          row level security
  --help  this text

Environment: DATABASE_URL_MIGRATOR, WATERTIGHT_SIGNING_KEY, PLATFORM_APP_PASSWORD,
PLATFORM_WORKER_PASSWORD, PLATFORM_AUDITOR_PASSWORD, PLATFORM_PLATFORM_PASSWORD,
PLATFORM_PUBLIC_PASSWORD, PLATFORM_ERASER_PASSWORD; PLATFORM_ROLE_PREFIX (platform). See docs/runbook.md.
`

/**
 * The step that migrates, as a process of its own with a login of its own.
 *
 * @param say takes lines of progress
 * @throws USAGE, INVALID_INPUT, MISSING_PRIVILEGE, and what the steps throw.
 */
export async function runMigrate(
  args: readonly string[],
  variables: Variables,
  say: (line: string) => void,
): Promise<void> {
  const { demo = false, help = false } = parseFlags(args)
  if (help) return say(usage.trimEnd())
  const environment = readMigrateEnvironment(variables, demo)
  const signal = endingSignal()
  const db = await connectAdmin(environment.databaseUrl, 'DATABASE_URL_MIGRATOR')
  try {
    await refuseIfPowerless(db, demo)
    // Steps of two processes would trip over each other; it ends with the connection.
    await db.query("select pg_advisory_lock(hashtextextended('platform migrate', 0))")
    await migrateDatabase(db, {
      ...environment,
      model: platformTenancy(environment.rolePrefix),
      afterTables: async () => {
        const months = await addAuditPartitions(db, new Date())
        if (months.length > 0) say(`added partitions of the audit log: ${months.join(', ')}`)
      },
      signal,
      onProgress: say,
    })
    if (environment.demoKeys !== null) {
      configureKeys(environment.demoKeys)
      say('filling three demo tenants')
      await db.query('begin')
      await seedDemoData(db)
      await db.query('commit')
    }
    say('the database is ready')
  } finally {
    await db.end()
  }
}

const powers = `
select r.rolsuper or r.rolcreaterole as roles,
  has_database_privilege(current_database(), 'create') as schemas,
  has_database_privilege(current_database(), 'temporary') as planning,
  has_schema_privilege('public', 'create') as record,
  r.rolsuper or r.rolbypassrls as demo
from pg_roles r where r.rolname = current_user`

type Power = 'roles' | 'schemas' | 'planning' | 'record' | 'demo'

/** What is missing, said before anything is changed. */
async function refuseIfPowerless(db: pg.Client, demo: boolean): Promise<void> {
  const { rows } = await db.query<Record<Power, boolean>>(powers)
  const [has] = rows
  const missing = [
    ...(has?.roles === true ? [] : ['CREATEROLE']),
    ...(has?.schemas === true ? [] : ['CREATE on the database']),
    ...(has?.planning === true ? [] : ['TEMPORARY on the database']),
    ...(has?.record === true ? [] : ['CREATE on the schema public']),
    ...(has?.demo === true || !demo ? [] : ['BYPASSRLS, for demo data']),
  ]
  if (missing.length === 0) return
  throw new WatertightError('MISSING_PRIVILEGE', `the migrator lacks ${missing.join(', ')}`, {
    object: 'DATABASE_URL_MIGRATOR',
    hint:
      has?.demo === true || !demo
        ? 'deploy/postgres/migrator.sql makes a role that has what it needs.'
        : 'Fill demo data as a superuser; deploy/postgres/migrator.sql makes a role for the rest.',
  })
}

function parseFlags(args: readonly string[]): { demo?: boolean; help?: boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: { demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new WatertightError('USAGE', message, { hint: 'See --help.', cause: error })
  }
}
