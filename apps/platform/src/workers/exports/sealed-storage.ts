import type { TransactionVerbs } from 'watertight/runtime'
import { WatertightError } from 'watertight/errors'
import type { SealedPlace } from 'watertight/tenants'
import { findVersions, SqlKeyRecords } from '../../keys/key-repository.js'
import { configuredKeys } from '../../keys/key-setup.js'
import type { ExportStorage, StoredExport } from './export-storage.js'

const purpose = 'exports'
const prefix = 'sealed:'
/** Bytes that tell how long the sealed part after them is. */
const headLength = 4
/** No part is longer: chunks of an export are far smaller. */
const maxPart = 16 * 1024 * 1024

/**
 * Seals what another storage keeps, for tenants that have a key for exports; others' exports are kept
 * as they are. Each chunk is sealed for its place in its export, and the end is as well: chunks that
 * are left out, moved, cut off or of another export do not open. A key that is disabled fails closed,
 * and destroying it makes the exports unreadable wherever copies of them lie.
 */
export function sealedStorage(inner: ExportStorage): ExportStorage {
  return {
    async write(place, bytes) {
      const { db, tenantId, exportId } = place
      const versions = await findVersions(db, tenantId, purpose)
      if (versions.length === 0) return inner.write(place, bytes)
      return prefix + (await inner.write(place, sealed(db, tenantId, exportId, bytes)))
    },
    read(stored) {
      const { db, tenantId, exportId, reference } = stored
      if (!reference.startsWith(prefix)) return inner.read(stored)
      const parts = inner.read({ ...stored, reference: reference.slice(prefix.length) })
      return opened(db, tenantId, exportId, parts)
    },
    remove(stored) {
      const { reference } = stored
      const isSealed = reference.startsWith(prefix)
      return inner.remove({
        ...stored,
        reference: isSealed ? reference.slice(prefix.length) : reference,
      })
    },
    removeTenant: (tenantId) => inner.removeTenant(tenantId),
  }
}

function placeOf(tenantId: string, exportId: string, part: string): SealedPlace {
  const row = `${exportId}/${part}`
  return { tenantId, purpose, table: 'sec.exports', column: 'storage_reference', row }
}

async function* sealed(
  db: TransactionVerbs,
  tenantId: string,
  exportId: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let count = 0
  const seal = async (part: string, plaintext: Uint8Array): Promise<Uint8Array> => {
    const place = placeOf(tenantId, exportId, part)
    const { bytes } = await configuredKeys().sealer.seal(new SqlKeyRecords(db), place, plaintext)
    const head = Buffer.alloc(headLength)
    head.writeUInt32BE(bytes.length)
    return Buffer.concat([head, bytes])
  }
  for await (const chunk of chunks) {
    count += 1
    yield await seal(String(count), chunk)
  }
  yield await seal('end', Buffer.from(String(count)))
}

async function* opened(
  db: StoredExport['db'],
  tenantId: string,
  exportId: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const open = (part: string, content: Uint8Array): Promise<Uint8Array> =>
    configuredKeys().sealer.open(new SqlKeyRecords(db), placeOf(tenantId, exportId, part), content)
  let count = 0
  let last: Uint8Array | null = null
  // One part behind, since only the end of the file tells that a part is the last.
  for await (const part of parts(bytes)) {
    if (last !== null) {
      count += 1
      yield await open(String(count), last)
    }
    last = part
  }
  const end = last === null ? null : await open('end', last)
  if (end === null || Buffer.from(end).toString() !== String(count)) throw broken()
}

/** The sealed parts of a file, however its bytes are cut. */
async function* parts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0)
  for await (const chunk of bytes) {
    held = Buffer.concat([held, chunk])
    for (;;) {
      if (held.length < headLength) break
      const length = held.readUInt32BE()
      if (length > maxPart) throw broken()
      if (held.length < headLength + length) break
      yield held.subarray(headLength, headLength + length)
      held = held.subarray(headLength + length)
    }
  }
  if (held.length > 0) throw broken()
}

function broken(): WatertightError {
  return new WatertightError('SEAL_BROKEN', 'the export was altered')
}
