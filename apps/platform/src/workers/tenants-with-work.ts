import type { TxManager } from 'watertight/runtime'
import type { QueueName } from './worker-observer.js'

/**
 * The active tenants that have work due in a queue, the longest due first. Asked in mode `worker`
 * outside of any tenant: which tenants is all that is disclosed.
 */
export async function tenantsWithWork(
  tx: Pick<TxManager, 'asWorker'>,
  queue: QueueName,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await tx
    .asWorker({ tenantId: null })
    .query<{ tenant_id: string }>('select tenant_id from ops.tenants_with_work($1, $2)', [
      queue,
      limit,
    ])
  return rows.map(({ tenant_id: tenantId }) => tenantId)
}
