import { createHash } from 'node:crypto'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem } from '../api/api-problem.js'
import { StreamedBody } from '../api/streamed-body.js'
import type { ExportStorage, StoredExport } from '../workers/exports/export-storage.js'
import { tenantArchiveKind } from '../workers/exports/tenant-archive.js'
import type { StoredBytes } from './export-repository.js'

/** Most bytes of a reply that is held whole; larger ones are read twice. */
const maxHeldBytes = 1024 * 1024

/** What an export is called when it is saved: `audit.csv`. */
export function fileNameOf(kind: string): string {
  return kind === tenantArchiveKind ? 'tenant.zip' : kind.replace('_', '.')
}

/**
 * The content of an export, when it is what its digest says. A large one is sent as it is read, after
 * it was read to the end once; what changed meanwhile breaks the reply off.
 *
 * @throws {ApiProblem} UNAVAILABLE without a storage and for bytes that are not those that were written.
 */
export async function readExport(
  db: Transaction,
  storage: ExportStorage | undefined,
  exportId: string,
  { kind, reference, ...expected }: StoredBytes,
): Promise<string | Buffer | StreamedBody> {
  const { tenantId } = db.context
  if (storage === undefined || tenantId === null) {
    throw new ApiProblem('UNAVAILABLE', 'exports cannot be downloaded from here')
  }
  const read = (reader: StoredExport['db']): AsyncIterable<Uint8Array> =>
    genuine(storage.read({ db: reader, tenantId, exportId, reference }), expected)
  const isHeld = expected.byteCount <= maxHeldBytes
  const held: Uint8Array[] = []
  for await (const chunk of read(db)) if (isHeld) held.push(chunk)
  if (!isHeld) return new StreamedBody(expected.byteCount, read)
  const bytes = Buffer.concat(held)
  return kind.endsWith('_zip') || kind === tenantArchiveKind ? bytes : bytes.toString()
}

/**
 * SECURITY: whoever can write to the storage cannot make an export say something else. The last chunk
 * is held back until all of it is known to be genuine, so that an altered file never arrives whole.
 */
async function* genuine(
  chunks: AsyncIterable<Uint8Array>,
  { byteCount, sha256 }: Pick<StoredBytes, 'byteCount' | 'sha256'>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let length = 0
  let last: Uint8Array | null = null
  try {
    for await (const chunk of chunks) {
      if (last !== null) yield last
      length += chunk.length
      if (length > byteCount) throw altered()
      hash.update(chunk)
      last = chunk
    }
  } catch (error) {
    asProblem(error)
  }
  if (length !== byteCount || hash.digest('hex') !== sha256) throw altered()
  if (last !== null) yield last
}

function asProblem(error: unknown): never {
  const code: unknown = Reflect.get(Object(error), 'code')
  if (code === 'SEAL_BROKEN' || code === 'ENOENT') throw altered()
  throw error
}

function altered(): ApiProblem {
  return new ApiProblem('UNAVAILABLE', 'the stored export is not what was written')
}
