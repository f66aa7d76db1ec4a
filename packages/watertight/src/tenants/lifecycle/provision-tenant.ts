import { parseTenantContext } from '../../runtime/index.js'
import type { Transaction, TxManager } from '../../runtime/index.js'

/**
 * Sets a tenant up in one transaction, as a job of the tenant that is to be: Row Level Security lets
 * it write rows of that tenant and of no other, so no role needs power over several. The model says
 * which tables jobs may add to (`workerCommands`). `setUp` is called again after a serialization
 * failure or deadlock; let it find what is there, and provisioning may be repeated.
 *
 * @param tenantId chosen by the caller; the same id again is the same tenant.
 * @throws ACCESS_DENIED when `setUp` writes a row of another tenant; what it throws.
 * @example
 * ```ts
 * await provisionTenant(tx, randomUUID(), async (job, tenantId) => {
 *   await job.query('insert into core.tenants (id, name) values ($1, $2)', [tenantId, name])
 *   await job.query('insert into core.org_units (tenant_id, name) values ($1, $2)', [tenantId, name])
 * })
 * ```
 */
export async function provisionTenant<Result>(
  tx: TxManager,
  tenantId: string,
  setUp: (job: Transaction, tenantId: string) => Promise<Result>,
): Promise<Result> {
  const context = parseTenantContext({ mode: 'worker', tenantId, orgScope: 'all' })
  return tx.run(context, (job) => setUp(job, tenantId), { retry: { attempts: 3 } })
}
