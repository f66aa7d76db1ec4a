import type pg from 'pg'
import { addSigningKey } from 'watertight/migrate'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import { parseSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'
import { createTestDatabase } from '../../../test/database.js'
import type { ServerMajor, TestDatabase } from '../../../test/database.js'
import { applyIsolation } from '../src/boot/apply-isolation.js'
import { runMigrations } from '../src/boot/run-migrations.js'
import { configureKeys, localKeys } from '../src/keys/key-setup.js'
import { seedDemoData } from '../src/demo-data/index.js'
import { platformTenancy } from '../src/tenancy.js'

/** A copy of the platform's database: migrated, isolated, with the three demo tenants. */
export interface PlatformDatabase extends TestDatabase {
  readonly model: TenancyModel
  readonly signingKey: SigningKey
  /** What the tenants' keys are kept under. */
  readonly keyEncryptionKey: string
  /** The database role of a mode. */
  role(mode: RuntimeRole): string
}

/** Test files are processes of their own and share templates, so the key is the same in all. */
const signingKey = parseSigningKey(`test:${Buffer.alloc(32, 'watertight').toString('base64url')}`)

/** As is the key that tenants' keys are kept under. */
const keyEncryptionKey = Buffer.alloc(32, 'tenants keys').toString('base64url')

async function build(admin: pg.Client, rolePrefix: string): Promise<void> {
  await runMigrations(admin)
  await applyIsolation(admin, platformTenancy(rolePrefix))
  await addSigningKey(admin, signingKey)
  await seedDemoData(admin)
}

/** A fresh copy of the platform; the first of a run is built, the others are cloned. */
export async function createPlatformDatabase(major?: ServerMajor): Promise<PlatformDatabase> {
  // Test files share a process, and the one before may have said otherwise.
  configureKeys({ providers: [localKeys(keyEncryptionKey)] })
  const template = { key: 'platform', build }
  const database = await createTestDatabase({ template, ...(major !== undefined && { major }) })
  const model = platformTenancy(database.templateRolePrefix ?? database.rolePrefix)
  return {
    ...database,
    model,
    signingKey,
    keyEncryptionKey,
    role(mode) {
      const name = model.roles[mode]
      if (name === null) throw new Error(`the platform has no role ${mode}`)
      return name
    },
  }
}

/** The tables of the platform without an isolation layer, as a team has them before watertight. */
export async function createBareDatabase(
  major: ServerMajor,
): Promise<TestDatabase & { readonly model: TenancyModel }> {
  const database = await createTestDatabase({ major })
  await runMigrations(database.admin)
  return { ...database, model: platformTenancy(database.rolePrefix) }
}
