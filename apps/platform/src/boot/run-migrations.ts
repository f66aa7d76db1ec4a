import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { WatertightError } from 'watertight/errors'
import type { Queryable } from 'watertight/sql'

/** The platform's migrations, the same folder from the sources and from the build. */
const migrationsFolder: URL = new URL('../../migrations/', import.meta.url)

// Outside the platform's schemas: no tenant has anything to do with it.
const createRecord = `create table if not exists public.platform_migrations (
  name text primary key,
  sha256 bytea not null,
  applied_at timestamptz not null default now()
)`

/**
 * Runs the migrations that the database does not have yet, in the order of their names, in one
 * transaction, and returns their names. `db` is one connection outside a transaction.
 *
 * @throws STALE_PLAN when a file that was applied has changed since; LOAD_FAILED when one does not
 * run. In both cases nothing has changed.
 */
export async function runMigrations(
  db: Queryable,
  onStep: (name: string) => void = () => undefined,
): Promise<readonly string[]> {
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort()
  const applied: string[] = []
  await db.query('begin')
  try {
    await db.query("select pg_advisory_xact_lock(hashtextextended('platform migrations', 0))")
    await db.query(createRecord)
    for (const name of names) {
      const text = await readFile(new URL(name, migrationsFolder), 'utf8')
      if (await isApplied(db, name, text)) continue
      onStep(name)
      await runFile(db, name, text)
      applied.push(name)
    }
    await db.query('commit')
  } catch (error) {
    await db.query('rollback')
    throw error
  }
  return applied
}

async function isApplied(db: Queryable, name: string, text: string): Promise<boolean> {
  const { rows } = await db.query<{ sha256: Buffer }>(
    'select sha256 from public.platform_migrations where name = $1',
    [name],
  )
  const [record] = rows
  if (record === undefined) return false
  if (record.sha256.equals(digest(text))) return true
  throw new WatertightError('STALE_PLAN', `migration ${name} changed after it was applied`, {
    object: name,
    hint: 'Restore the file and put the change into a new migration.',
  })
}

async function runFile(db: Queryable, name: string, text: string): Promise<void> {
  try {
    await db.query(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new WatertightError('LOAD_FAILED', `migration ${name} does not run: ${message}`, {
      object: name,
      cause: error,
    })
  }
  await db.query('insert into public.platform_migrations (name, sha256) values ($1, $2)', [
    name,
    digest(text),
  ])
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
