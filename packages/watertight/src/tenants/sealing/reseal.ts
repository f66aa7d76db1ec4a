import type { KeyRecords } from '../keys/key-records.js'
import type { Sealed, SealedPlace, Sealer } from './sealer.js'

/** A stored value with where it stands. */
export interface StoredSeal {
  readonly place: SealedPlace
  readonly bytes: Uint8Array
}

/** The stored values of one tenant and purpose, in the transaction that seals them anew. */
export interface StoredSeals {
  /** Up to `limit` values that are not sealed with this version, locked against changes. */
  outdated(activeVersion: number, limit: number): Promise<readonly StoredSeal[]>
  replace(stored: StoredSeal, sealed: Sealed): Promise<void>
}

export interface ResealOptions {
  readonly tenantId: string
  readonly purpose: string
  /** Values in one call, and so in one transaction; 100 by default. */
  readonly limit?: number
}

/**
 * Seals up to `limit` values anew that an older version of the key sealed, and resolves with how many
 * these were: repeat, a transaction each, until it is 0. The older version is not needed any more then.
 *
 * @throws KEY_NOT_FOUND, KEY_DISABLED, KEY_DESTROYED, SEAL_BROKEN, KEY_PROVIDER_FAILED.
 */
export async function resealBatch(
  sealer: Sealer,
  records: KeyRecords,
  stored: StoredSeals,
  options: ResealOptions,
): Promise<number> {
  const { tenantId, purpose, limit = 100 } = options
  const versions = await records.find(tenantId, purpose)
  const active = versions.find(({ state }) => state === 'active')
  if (active === undefined) return 0
  const outdated = await stored.outdated(active.version, limit)
  for (const each of outdated) {
    const plaintext = await sealer.open(records, each.place, each.bytes)
    await stored.replace(each, await sealer.seal(records, each.place, plaintext))
    plaintext.fill(0)
  }
  return outdated.length
}
