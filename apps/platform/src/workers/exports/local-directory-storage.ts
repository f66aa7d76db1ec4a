import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { ExportPlace, ExportStorage, StoredExport } from './export-storage.js'

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const identifier = new RegExp(`^${uuid}$`)
const reference = new RegExp(`^file:(${uuid})/((${uuid})-[0-9a-f]{16}\\.(csv|jsonl|zip))$`)

/**
 * Keeps exports in a folder per tenant. A file has its final name only when it is complete and on
 * the disk, and never the name of another attempt: a worker that lost its transaction in the middle
 * cannot replace what another has finished since.
 *
 * @example
 * ```ts
 * localDirectoryStorage('/var/lib/platform/exports') // <tenant>/<export>-<16 hex>.csv
 * ```
 */
export function localDirectoryStorage(root: string): ExportStorage {
  return {
    write: (place, bytes) => write(root, place, bytes),
    read(stored) {
      const file = fileOf(root, stored)
      if (file === null) throw misplaced()
      return createReadStream(file)
    },
    remove: (stored) => remove(root, stored),
    async removeTenant(tenantId) {
      if (!identifier.test(tenantId)) throw misplaced()
      await rm(join(root, tenantId), { recursive: true, force: true })
    },
  }
}

async function write(
  root: string,
  { tenantId, exportId, extension }: ExportPlace,
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  // SECURITY: the names come out of the database; what is no id does not become part of a path.
  if (!identifier.test(tenantId) || !identifier.test(exportId)) throw misplaced()
  const folder = join(root, tenantId)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const name = `${exportId}-${randomBytes(8).toString('hex')}.${extension}`
  const unfinished = join(folder, `${name}.part`)
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      for await (const chunk of bytes) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, join(folder, name))
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await syncFolder(folder)
  return `file:${tenantId}/${name}`
}

/** So that the name outlasts a power cut as the content does. */
async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** With the file go those of attempts that ended in the middle; what lies elsewhere stays. */
async function remove(root: string, stored: StoredExport): Promise<void> {
  if (fileOf(root, stored) === null) return
  const folder = join(root, stored.tenantId)
  const names = await readdir(folder).catch(() => [])
  const leftovers = names.filter((name) => name.startsWith(`${stored.exportId}-`))
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })))
}

/** SECURITY: a reference leads into the folder of its own tenant, to a file of its own export. */
function fileOf(
  root: string,
  { tenantId, exportId, reference: text }: StoredExport,
): string | null {
  const parts = reference.exec(text)
  if (parts === null || parts[1] !== tenantId || parts[3] !== exportId) return null
  return join(root, tenantId, parts[2] ?? '')
}

function misplaced(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'the reference of an export leads elsewhere')
}
