import type { HttpTenancy } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { BoundTxManager, TenantContext } from 'watertight/runtime'
import { WatertightError } from 'watertight/errors'

/** Transactions in mode `worker` for one tenant, in the name of a user or of nobody. */
export function workerOf(
  { tx }: HttpTenancy,
  tenantId: string,
  userId: string | null,
): BoundTxManager {
  return tx.as(parseTenantContext({ mode: 'worker', tenantId, userId, orgScope: 'all' }))
}

const isStaff = `
  select from core.users
  where id = $1 and is_platform_staff and status = 'active' and deleted_at is null`

/**
 * The context of platform staff outside of any tenant, for a user of whom the database says that
 * they are staff, asked at every request.
 *
 * @throws FORBIDDEN for everybody else.
 */
export async function staffContext(
  { tx }: HttpTenancy,
  context: TenantContext,
): Promise<TenantContext> {
  if (context.mode === 'platform' && context.tenantId === null) return context
  const { rows } = await tx.as(context).query(isStaff, [context.userId])
  if (rows.length === 0) {
    throw new WatertightError('FORBIDDEN', 'the operation is open to platform staff only')
  }
  const { userId, expiresAt } = context
  return parseTenantContext({ mode: 'platform', userId, expiresAt })
}
