import { PooledTxManager } from './pooled-tx-manager.js'
import type { TxManager, TxManagerOptions } from './tx-manager-port.js'

export type { TxManager, TxManagerOptions } from './tx-manager-port.js'

/**
 * Makes the transaction manager of a process.
 *
 * @throws INVALID_SIGNING_KEY when contexts are signed and the key is missing or malformed;
 * INVALID_INPUT for a malformed option.
 *
 * @example
 * ```ts
 * const tx = createTxManager({
 *   pools: { app: pgDriver(appPool), public: pgDriver(publicPool) },
 *   signingKey: parseSigningKey(process.env.WATERTIGHT_SIGNING_KEY),
 * })
 * await tx.start()
 * ```
 */
export function createTxManager(options: TxManagerOptions): TxManager {
  return new PooledTxManager(options)
}
