import type { TransactionVerbs } from 'watertight/runtime'
import type { ExportFormat } from './datasets.js'

/** An export whose bytes are about to be stored. */
export interface ExportPlace {
  /** The transaction that the export becomes ready in; RLS pins it to the tenant. */
  readonly db: TransactionVerbs
  readonly tenantId: string
  readonly exportId: string
  readonly extension: ExportFormat
}

/** An export whose bytes are stored. */
export interface StoredExport extends Pick<ExportPlace, 'tenantId' | 'exportId'> {
  /** Asked whether the key that seals the bytes may be used; RLS pins it to the tenant. */
  readonly db: Pick<TransactionVerbs, 'query'>
  /** What {@link ExportStorage.write} returned. */
  readonly reference: string
}

/** Where the bytes of exports are kept. All of an export is there, or nothing. */
export interface ExportStorage {
  /** Stores the bytes and returns where, for `storage_reference`. */
  write(place: ExportPlace, bytes: AsyncIterable<Uint8Array>): Promise<string>
  read(stored: StoredExport): AsyncIterable<Uint8Array>
  /** Removes what is there; nothing is no error. */
  remove(stored: StoredExport): Promise<void>
  /** Removes all that is kept of a tenant, for when it is erased. */
  removeTenant(tenantId: string): Promise<void>
}
