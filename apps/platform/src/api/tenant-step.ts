import type { Transaction } from 'watertight/runtime'

/**
 * What an operation leaves to be done for a tenant that its caller may not do by SQL: the tenant that
 * a public operation has looked up, that platform staff act on, or the caller's own. The server runs
 * it in a transaction of its own, in mode `worker` for that tenant and no other, after the caller's.
 */
export class TenantStep<Result> {
  readonly tenantId: string
  readonly run: (tx: Transaction) => Promise<Result>

  constructor(tenantId: string, run: (tx: Transaction) => Promise<Result>) {
    this.tenantId = tenantId
    this.run = run
  }
}

/**
 * Ends a handler with a step for a tenant.
 *
 * @example
 * ```ts
 * handle: async ({ tx, params, body }) => {
 *   const event = found(await findPublicEvent(tx, params.org, params.slug))
 *   return forTenant(event.tenant_id, (worker) => register(worker, event.id, body))
 * }
 * ```
 */
export function forTenant<Result>(
  tenantId: string,
  run: (tx: Transaction) => Promise<Result>,
): TenantStep<Result> {
  return new TenantStep(tenantId, run)
}
