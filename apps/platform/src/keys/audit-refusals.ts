import { AsyncResource } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { parseTenantContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import type { Refusal } from 'watertight/tenants'
import { appendAuditEntry } from '../audit/append-audit-entry.js'

/** Writes uses of keys that were refused into the audit log of the tenant. */
export interface RefusalAudit {
  readonly onRefused: (refusal: Refusal) => void
  /** Resolves when all that was refused so far is written; rejects with what failed. */
  settled(): Promise<void>
}

/**
 * Each refusal goes into a transaction of its own, in mode `worker` for the tenant concerned: that
 * in which it happened is rolled back.
 */
export function auditRefusals(tx: TxManager): RefusalAudit {
  // Outside of the caller's transaction, which an ambient context would have it join.
  const outside = new AsyncResource('key refusals')
  let last: Promise<unknown> = Promise.resolve()
  return {
    onRefused(refusal) {
      outside.runInAsyncScope(() => {
        const before = last.catch(() => undefined)
        last = Promise.all([last, before.then(() => write(tx, refusal))])
        last.catch(() => undefined)
      })
    },
    async settled() {
      await last
    },
  }
}

async function write(
  tx: TxManager,
  { operation, place, keyVersion, code }: Refusal,
): Promise<void> {
  const { tenantId, purpose, table, row } = place
  const context = parseTenantContext({ mode: 'worker', tenantId, orgScope: 'all' })
  await tx.run(context, (transaction) =>
    appendAuditEntry(transaction, {
      tenantId,
      actorId: null,
      actorRole: 'system',
      action: `key.${operation}`,
      targetType: 'encryption_key',
      targetId: null,
      outcome: 'denied',
      correlationId: randomUUID(),
      clientAddress: null,
      detail: { purpose, version: keyVersion, reason: code, table, row },
    }),
  )
}
