import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'
import { applyIsolation } from './apply-isolation.js'
import { installSigningKey } from './install-signing-key.js'
import type { InstalledKey } from './install-signing-key.js'
import { setRolePasswords } from './role-logins.js'
import type { PasswordOf, RoleLogin } from './role-logins.js'
import { switchRowSecurityOn } from './row-security-switch.js'
import { runMigrations } from './run-migrations.js'

/** What {@link migrateDatabase} brings a database to. */
export interface MigrateOptions {
  readonly model: TenancyModel
  /** Text form of a key of yours; a fresh one when undefined. */
  readonly signingKey: string | undefined
  /** Random ones by default. */
  readonly passwordOf?: PasswordOf
  /** Runs between the tables and the isolation layer, which covers what it makes. */
  readonly afterTables?: () => Promise<void>
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

/** What a migrated database is used with. */
export interface MigratedDatabase {
  readonly key: InstalledKey
  readonly logins: readonly RoleLogin[]
}

/**
 * Migrations, isolation layer, signing key, logins of the runtime roles: each step does only what is
 * missing. `db` is one connection outside a transaction, of a superuser or of a role with CREATEROLE
 * that owns the tables and may create schemas in the database and tables in `public`.
 *
 * @throws INTERRUPTED when the signal fires between steps, and what the steps throw.
 */
export async function migrateDatabase(
  db: Queryable,
  options: MigrateOptions,
): Promise<MigratedDatabase> {
  const { model, signal, onProgress } = options
  refuseIfInterrupted(signal)
  const migrations = await runMigrations(db, (name) => onProgress(`running ${name}`))
  if (migrations.length === 0) onProgress('the tables are up to date')
  await options.afterTables?.()
  refuseIfInterrupted(signal)
  await switchRowSecurityOn(db)
  onProgress('applying the isolation layer')
  const steps = await applyIsolation(db, model, signal)
  onProgress(steps === 0 ? 'the isolation layer is in place' : `applied ${String(steps)} steps`)
  const key = await installSigningKey(db, options.signingKey)
  const logins = await setRolePasswords(db, model, options.passwordOf)
  refuseIfInterrupted(signal)
  return { key, logins }
}

function refuseIfInterrupted(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new WatertightError('INTERRUPTED', 'interrupted while starting', { cause: signal.reason })
}
