import { createHash, randomBytes } from 'node:crypto'
import { WatertightError } from '../../errors/index.js'
import { boundTo, decrypt, encrypt, keyBytes } from '../keys/aes-gcm.js'
import type { KeyContext, KeyProvider } from '../keys/key-provider.js'
import { requireUsable } from '../keys/key-records.js'
import type { KeyRecord, KeyRecords } from '../keys/key-records.js'
import { DataKeyCache } from './data-key-cache.js'
import type { DataKey, DataKeyCacheOptions } from './data-key-cache.js'
import { formatEnvelope, headerOf, parseEnvelope } from './envelope.js'

/** Where a sealed value stands; it opens there and nowhere else. */
export interface SealedPlace {
  readonly tenantId: string
  readonly purpose: string
  /** `schema.table` */
  readonly table: string
  readonly column: string
  /** The row's key as text. */
  readonly row: string
}

export interface SealerOptions {
  /** Asked by the name that a key's record holds. */
  readonly providers: readonly KeyProvider[]
  readonly cache?: DataKeyCacheOptions
  /** Told of every value that was not sealed or opened because of its key, before the error. */
  readonly onRefused?: (refusal: Refusal) => void
}

/** A key that was asked for and may not be used. */
export interface Refusal {
  readonly operation: 'seal' | 'open'
  readonly place: SealedPlace
  /** Null when no version was active to seal with. */
  readonly keyVersion: number | null
  readonly code: 'KEY_NOT_FOUND' | 'KEY_DISABLED' | 'KEY_DESTROYED'
}

/** A sealed value and the version of the key it is sealed with. */
export interface Sealed {
  readonly bytes: Uint8Array
  readonly keyVersion: number
}

/** Seals values for one place in the database, and opens them there. */
export interface Sealer {
  /**
   * @throws KEY_NOT_FOUND, KEY_DISABLED, KEY_DESTROYED when no version of the key is active;
   * KEY_PROVIDER_FAILED.
   */
  seal(records: KeyRecords, place: SealedPlace, plaintext: Uint8Array): Promise<Sealed>
  /**
   * @throws SEAL_BROKEN when the value was altered or belongs elsewhere; KEY_NOT_FOUND, KEY_DISABLED,
   * KEY_DESTROYED; KEY_PROVIDER_FAILED.
   */
  open(records: KeyRecords, place: SealedPlace, bytes: Uint8Array): Promise<Uint8Array>
}

/**
 * Makes a sealer: every value is encrypted with AES-256-GCM under a data key, which is wrapped with
 * the tenant's key. Tenant, purpose, table, column and row are authenticated with it, so a value that
 * is copied elsewhere does not open. Key records are read on every call, in the caller's transaction.
 *
 * @example
 * ```ts
 * const sealer = createSealer({ providers: [localKeyProvider(masterKey)] })
 * const { bytes } = await sealer.seal(records, place, Buffer.from('secret'))
 * await sealer.open(records, place, bytes) // secret
 * await sealer.open(records, { ...place, row: other }, bytes) // SEAL_BROKEN
 * ```
 */
export function createSealer(options: SealerOptions): Sealer {
  const { providers, onRefused } = options
  const cache = new DataKeyCache(options.cache)

  const providerOf = ({ provider }: KeyRecord): KeyProvider => {
    const found = providers.find(({ name }) => name === provider)
    if (found !== undefined) return found
    throw new WatertightError('KEY_PROVIDER_FAILED', `no key provider ${provider} is configured`, {
      object: provider,
    })
  }

  const reporting = async <Result>(
    refusal: Omit<Refusal, 'code'>,
    attempt: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await attempt()
    } catch (error) {
      const code = error instanceof WatertightError ? error.code : null
      if (code === 'KEY_NOT_FOUND' || code === 'KEY_DISABLED' || code === 'KEY_DESTROYED') {
        onRefused?.({ ...refusal, code })
      }
      throw error
    }
  }

  const dataKeyFor = async (record: KeyRecord, context: KeyContext): Promise<DataKey> => {
    const name = cacheName(record, context, null)
    const cached = cache.take(name)
    if (cached !== null) return cached
    const plain = randomBytes(keyBytes)
    const wrapped = await providerOf(record).wrap(record.reference, context, plain)
    cache.put(name, { plain, wrapped })
    return { plain, wrapped }
  }

  const unwrap = async (
    record: KeyRecord,
    context: KeyContext,
    wrapped: Uint8Array,
  ): Promise<DataKey> => {
    const name = cacheName(record, context, wrapped)
    const cached = cache.take(name)
    if (cached !== null) return cached
    const plain = await providerOf(record).unwrap(record.reference, context, wrapped)
    cache.put(name, { plain, wrapped: Uint8Array.from(wrapped) })
    return { plain, wrapped }
  }

  return {
    async seal(records, place, plaintext) {
      const { tenantId, purpose } = place
      const wanted = versionToSealWith(await records.find(tenantId, purpose))
      const keyVersion = wanted?.version ?? null
      return reporting({ operation: 'seal', place, keyVersion }, async () => {
        const context = { tenantId, purpose, version: keyVersion ?? 1 }
        const record = requireUsable(wanted, context)
        const key = await dataKeyFor(record, context)
        const header = { keyVersion: record.version, wrappedKey: key.wrapped }
        const sealed = encrypt(key.plain, plaintext, boundToPlace(place, headerOf(header)))
        key.plain.fill(0)
        return { bytes: formatEnvelope({ ...header, ...sealed }), keyVersion: record.version }
      })
    },
    async open(records, place, bytes) {
      const envelope = parseEnvelope(bytes)
      const { tenantId, purpose } = place
      const { keyVersion } = envelope
      const versions = await records.find(tenantId, purpose)
      return reporting({ operation: 'open', place, keyVersion }, async () => {
        const context = { tenantId, purpose, version: keyVersion }
        const record = requireUsable(
          versions.find(({ version }) => version === keyVersion),
          context,
        )
        const key = await unwrap(record, context, envelope.wrappedKey)
        const plaintext = decrypt(key.plain, envelope, boundToPlace(place, headerOf(envelope)))
        key.plain.fill(0)
        return plaintext
      })
    },
  }
}

/** The active version; else the newest that says why nothing can be sealed. */
function versionToSealWith(versions: readonly KeyRecord[]): KeyRecord | undefined {
  const newest = versions.toSorted((left, right) => right.version - left.version)
  const active = newest.find(({ state }) => state === 'active')
  return active ?? newest.find(({ state }) => state !== 'rotating')
}

function boundToPlace(place: SealedPlace, header: Uint8Array): Uint8Array {
  const { tenantId, purpose, table, column, row } = place
  const bound = boundTo(['watertight.sealed/1', tenantId, purpose, table, column, row])
  return Buffer.concat([bound, header])
}

function cacheName(record: KeyRecord, context: KeyContext, wrapped: Uint8Array | null): string {
  const { tenantId, purpose, version } = context
  const hash = createHash('sha256').update(
    boundTo([record.provider, record.reference, tenantId, purpose, String(version)]),
  )
  return wrapped === null ? `seal ${hash.digest('hex')}` : hash.update(wrapped).digest('hex')
}
