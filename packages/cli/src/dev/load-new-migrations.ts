import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type pg from 'pg'
import { WatertightError } from 'watertight/errors'
import { fitsTransaction, loadScript } from '../input/load-script.js'
import type { LoadOptions } from '../input/load-script.js'
import type { Script } from '../input/script-file.js'

/** What {@link loadNewMigrations} tells. */
export interface MigrationLoading extends LoadOptions {
  readonly onMigration: (name: string, index: number, total: number) => void
}

/**
 * Loads the migrations that a local database has not seen yet, each in a transaction with its record
 * where its statements allow that. Returns how many were loaded.
 *
 * @throws LOAD_FAILED for a statement that fails, INVALID_INPUT when a loaded file has changed.
 */
export async function loadNewMigrations(
  client: pg.Client,
  scripts: readonly Script[],
  options: MigrationLoading,
): Promise<number> {
  const loaded = await readRecord(client)
  const fresh: { readonly script: Script; readonly name: string; readonly digest: string }[] = []
  for (const script of scripts) {
    const name = nameOf(script)
    const digest = createHash('sha256').update(script.text).digest('hex')
    const before = loaded.get(name)
    if (before === undefined) fresh.push({ script, name, digest })
    else if (before !== digest) throw changedMigration(script)
  }
  for (const [index, { script, name, digest }] of fresh.entries()) {
    options.onMigration(name, index, fresh.length)
    const inTransaction = fitsTransaction(script)
    try {
      await loadScript(client, script, { ...options, inTransaction })
      await client.query('reset all')
      await client.query('insert into watertight_dev.migrations (name, sha256) values ($1, $2)', [
        name,
        digest,
      ])
      if (inTransaction) await client.query('commit')
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    }
  }
  return fresh.length
}

async function readRecord(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  await client.query('create schema if not exists watertight_dev')
  await client.query(
    `create table if not exists watertight_dev.migrations (
       name text primary key,
       sha256 text not null,
       loaded_at timestamptz not null default now()
     )`,
  )
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from watertight_dev.migrations',
  )
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
}

/** The file's name, with its folder for tools that name every file alike. */
function nameOf({ name }: Script): string {
  const file = basename(name)
  return file === 'migration.sql' ? name.split(/[\\/]/).slice(-2).join('/') : file
}

function changedMigration({ name }: Script): WatertightError {
  return new WatertightError(
    'INVALID_INPUT',
    `${name} changed after it was loaded into the local database`,
    {
      object: name,
      hint: 'Undo the edit and add a migration instead, or start afresh: remove the data directory.',
    },
  )
}
