import { createHash } from 'node:crypto'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem } from '../api/api-problem.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'
import type { StoredBytes } from './export-repository.js'

/** Most bytes that one reply holds; what is larger is fetched from the storage itself. */
const maxBytes = 64 * 1024 * 1024

/**
 * The content of an export, when it is what its digest says.
 *
 * @throws {ApiProblem} UNAVAILABLE without a storage and for bytes that are not those that were
 * written; CONFLICT for an export that is too large for a reply.
 */
export async function readExport(
  db: Transaction,
  storage: ExportStorage | undefined,
  exportId: string,
  { kind, reference, byteCount, sha256 }: StoredBytes,
): Promise<string | Buffer> {
  const { tenantId } = db.context
  if (storage === undefined || tenantId === null) {
    throw new ApiProblem('UNAVAILABLE', 'exports cannot be downloaded from here')
  }
  if (byteCount > maxBytes) throw new ApiProblem('CONFLICT', 'the export is too large for a reply')
  const stored = { db, tenantId, exportId, reference }
  const bytes = await collect(storage.read(stored), byteCount).catch(asProblem)
  // SECURITY: whoever can write to the storage cannot make an export say something else.
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (bytes.length !== byteCount || digest !== sha256) throw altered()
  return kind.endsWith('_zip') ? bytes : bytes.toString()
}

async function collect(chunks: AsyncIterable<Uint8Array>, byteCount: number): Promise<Buffer> {
  const collected: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > byteCount) throw altered()
    collected.push(chunk)
  }
  return Buffer.concat(collected)
}

function asProblem(error: unknown): never {
  const code: unknown = Reflect.get(Object(error), 'code')
  if (code === 'SEAL_BROKEN' || code === 'ENOENT') throw altered()
  throw error
}

function altered(): ApiProblem {
  return new ApiProblem('UNAVAILABLE', 'the stored export is not what was written')
}
