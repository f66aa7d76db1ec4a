import type pg from 'pg'
import { revokeSigningKey } from 'watertight/migrate'
import type { TenancyModel } from 'watertight/model'
import type { SigningKey } from 'watertight/runtime'
import { seedDemoData } from '../demo-data/index.js'
import { configureKeys } from '../keys/key-setup.js'
import type { KeySetup } from '../keys/key-setup.js'
import { keysOfThisRun } from '../keys/read-key-setup.js'
import { platformTenancy } from '../tenancy.js'
import { connectAdmin } from './connect-admin.js'
import { migrateDatabase } from './migrate-database.js'
import type { RoleLogin } from './role-logins.js'
import { switchRowSecurityOff } from './row-security-switch.js'
import { openServer } from './server.js'
import type { PlatformServer, ServerOptions } from './server.js'

/** What {@link bootPlatform} needs to know. */
export interface BootOptions extends ServerOptions {
  readonly rolePrefix: string
  /** Text form of a key of yours; a fresh one when undefined. */
  readonly signingKey: string | undefined
  /** Who holds tenants' keys; local ones under a fresh key by default. */
  readonly keys?: KeySetup
  /** False: without row level security, in a database that has nobody to isolate. True by default. */
  readonly rowSecurity?: boolean
  readonly signal: AbortSignal
}

/** The platform's database, migrated, isolated and filled. */
export interface BootedPlatform {
  readonly server: PlatformServer
  readonly model: TenancyModel
  readonly signingKey: SigningKey
  /** Who holds the tenants' keys. */
  readonly keys: KeySetup
  readonly logins: readonly RoleLogin[]
  /** A superuser connection for looking at what is there; the platform itself has none. */
  readonly admin: pg.Client
  /** Closes everything that booting opened and ends the key if it was made for this run. */
  stop(): Promise<void>
}

/**
 * Server, database, migrations, isolation layer, signing key, demo tenants: each step does only what
 * is missing.
 *
 * @throws INTERRUPTED when the signal fires, and what the steps throw; the server is stopped then.
 */
export async function bootPlatform(options: BootOptions): Promise<BootedPlatform> {
  const { onProgress } = options
  const server = await openServer(options)
  const admin = await connectAdmin(server.adminUrl).catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  const close = async (): Promise<void> => {
    await admin.end().catch(() => undefined)
    await server.stop()
  }
  try {
    const model = platformTenancy(options.rolePrefix)
    const migrated = await migrateDatabase(admin, { ...options, model })
    const { key, isYours } = migrated.key
    const keys = options.keys ?? keysOfThisRun(onProgress, server.isEphemeral)
    configureKeys(keys)
    if (options.rowSecurity === false) {
      const warnings = await switchRowSecurityOff(admin, model, process.env['NODE_ENV'])
      for (const line of warnings) onProgress(line)
    } else {
      onProgress('filling three demo tenants')
      await admin.query('begin')
      await seedDemoData(admin)
      await admin.query('commit')
    }
    const stop = async (): Promise<void> => {
      if (!isYours && !server.isEphemeral) await revokeSigningKey(admin, key.kid)
      await close()
    }
    return { server, model, signingKey: key, keys, logins: migrated.logins, admin, stop }
  } catch (error) {
    await close()
    throw error
  }
}
