import { WatertightError } from '../../errors/index.js'
import type { KeyContext } from './key-provider.js'
import type { KeyState } from './key-state.js'

/** One version of a tenant's key for a purpose: where the key is, never the key. */
export interface KeyRecord {
  readonly version: number
  readonly state: KeyState
  /** Name of the provider that holds the key. */
  readonly provider: string
  readonly reference: string
}

/**
 * Where key records are kept. It is asked every time something is sealed or opened, in the same
 * transaction: a key that was disabled is disabled at once, whatever is cached.
 */
export interface KeyRecords {
  /** Every version of the tenant's key for the purpose. */
  find(tenantId: string, purpose: string): Promise<readonly KeyRecord[]>
}

/**
 * Refuses a version that is neither active nor rotating.
 *
 * @throws KEY_NOT_FOUND, KEY_DISABLED, KEY_DESTROYED.
 */
export function requireUsable(record: KeyRecord | undefined, context: KeyContext): KeyRecord {
  const object = `${context.purpose} key version ${String(context.version)}`
  if (record === undefined) {
    throw new WatertightError('KEY_NOT_FOUND', `there is no ${object} of this tenant`, { object })
  }
  if (record.state === 'disabled') {
    throw new WatertightError('KEY_DISABLED', `the ${object} is disabled`, {
      object,
      hint: 'Enable the key; what it sealed can be opened again then.',
    })
  }
  if (record.state === 'destroyed') {
    throw new WatertightError('KEY_DESTROYED', `the ${object} is destroyed`, {
      object,
      hint: 'What was sealed with it cannot be opened by anyone.',
    })
  }
  return record
}
