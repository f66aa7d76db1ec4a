import type { Queryable } from 'watertight/sql'
import { seedAccessGrants, seedCredentials } from './core-access.js'
import { seedEndings } from './core-endings.js'
import { seedMemberships, seedUsers } from './core-people.js'
import { seedTenants } from './core-tenants.js'
import type { DemoData } from './demo.js'
import { demo } from './demo.js'
import { seedEvaluationDefinitions } from './eval-definitions.js'
import { seedEvaluationResults } from './eval-results.js'
import { seedAttendance } from './evt-attendance.js'
import { seedEvents } from './evt-events.js'
import { seedMedia } from './media.js'
import { seedNotify } from './notify.js'
import { seedOps } from './ops.js'
import { seedAssetsAndAlerts } from './sec-assets.js'
import { seedCompliance } from './sec-compliance.js'
import { seedIntegrations } from './sec-integrations.js'
import { openSeedContext } from './seed-context.js'

export { demoActors } from './demo-actors.js'
export type { DemoActor, DemoActorKey } from './demo-actors.js'
export { demo } from './demo.js'
export type { DemoData } from './demo.js'
export { demoId } from './demo-id.js'
export { demoIssuer, demoLogins } from './core-people.js'

/** Every table comes after those it refers to. */
const steps = [
  seedUsers,
  seedTenants,
  seedMemberships,
  seedAccessGrants,
  seedCredentials,
  seedEndings,
  seedOps,
  seedAssetsAndAlerts,
  seedIntegrations,
  seedCompliance,
  seedEvaluationDefinitions,
  seedEvaluationResults,
  seedMedia,
  seedEvents,
  seedAttendance,
  seedNotify,
] as const

/**
 * Fills every table of the platform for three tenants, with fixed ids and with times relative to
 * the server's clock. In a database that has the demo tenants already it only renews the windows
 * of the access grants.
 *
 * Needs the platform's migrations and a connection that RLS does not hold back (a superuser), one
 * connection and not a pool; run it in a transaction to have all or nothing.
 *
 * @example
 * await client.query('begin')
 * const { tenants } = await seedDemoData(client) // tenants.school: 00000002-c001-4000-8000-…
 * await client.query('commit')
 */
export async function seedDemoData(db: Queryable): Promise<DemoData> {
  const seed = await openSeedContext(db)
  const found = await db.query('select from core.tenants where id = $1', [demo.tenants.security])
  if (found.rows.length > 0) {
    await seedAccessGrants(seed)
    return demo
  }
  for (const step of steps) await step(seed)
  return demo
}
