import type { TxManager } from 'watertight/runtime'
import { openSecret } from '../keys/seal-secret.js'
import type { OpenSecret } from '../webhooks/attempt-delivery.js'

/**
 * Opens secrets of destinations with the keys that the process is configured with, in a transaction
 * of the tenant: a key that was disabled a moment ago opens nothing.
 */
export function openWithKeys(tx: Pick<TxManager, 'asWorker'>): OpenSecret {
  return (tenantId, { id, ciphertext }) =>
    tx
      .asWorker({ tenantId, orgScope: 'all' })
      .run((db) => openSecret(db, id, ciphertext), { readOnly: true })
}
