import { readFile, readdir } from 'node:fs/promises'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import type { TestDatabase } from './database.js'
import { createTestDatabase } from './database.js'

/** The database of an example, as `watertight dev` makes it. */
export interface ExampleDatabase extends TestDatabase {
  /** As `WATERTIGHT_SIGNING_KEY` holds it. */
  readonly signingKey: string
  /** Applies the isolation layer; before, the database is what the migrations make. */
  isolate(): Promise<void>
  /** URL that logs in as a role of the declaration. */
  urlAs(role: RuntimeRole): string
}

/** Loads the migrations of an example. Its roles get names of their own, since a server has one set. */
export async function createExampleDatabase(
  folder: URL,
  declared: TenancyModel,
): Promise<ExampleDatabase> {
  const database = await createTestDatabase()
  const migrations = new URL('migrations/', folder)
  for (const file of (await readdir(migrations)).sort()) {
    await database.admin.query(await readFile(new URL(file, migrations), 'utf8'))
  }
  const named = (name: string | null): string | null =>
    name === null ? null : `${database.rolePrefix}_${name}`
  const roles = Object.fromEntries(
    Object.entries<string | null>({ ...declared.roles }).map(([role, name]) => [role, named(name)]),
  ) as unknown as TenancyModel['roles']
  const key = generateSigningKey('k1')
  return {
    ...database,
    signingKey: formatSigningKey(key),
    urlAs: (role) => database.urlFor(roles[role] ?? ''),
    async isolate() {
      const { admin } = database
      const plan = await makePlan(admin, { ...declared, roles })
      await applyPlan(admin, plan, { allow: ['WIDENS_ACCESS'] })
      await addSigningKey(admin, key)
      for (const role of ['app', 'worker'] as const) {
        await admin.query(sql`alter role ${ident(roles[role] ?? '')} login`.text)
      }
    },
  }
}
