import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../../test/platform-database.js'
import { createPlatformDatabase } from '../../../test/platform-database.js'
import { roleUrls } from '../../../test/role-urls.js'
import { openTxManager } from '../../boot/open-tx-manager.js'
import type { OpenTxManager } from '../../boot/open-tx-manager.js'
import { demo } from '../../demo-data/index.js'
import type { ExportStorage } from './export-storage.js'
import { sealedStorage } from './sealed-storage.js'

const { security, school } = demo.tenants
const exportId = randomUUID()
const text = 'line\n'.repeat(30_000)

let database: PlatformDatabase
let opened: OpenTxManager
/** What the storage behind keeps, as one could find it on a disk. */
let kept: Buffer

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 2)
})
afterAll(async () => {
  await opened.close()
  await database.drop()
})

const memory: ExportStorage = {
  async write(_place, bytes) {
    const chunks: Uint8Array[] = []
    for await (const chunk of bytes) chunks.push(chunk)
    kept = Buffer.concat(chunks)
    return 'memory'
  },
  async *read() {
    // Cut otherwise than it was written.
    for (let at = 0; at < kept.length; at += 1000) yield kept.subarray(at, at + 1000)
  },
  remove() {
    kept = Buffer.alloc(0)
    return Promise.resolve()
  },
  removeTenant: () => Promise.resolve(),
}
const storage = sealedStorage(memory)

async function* chunked(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 40_000) yield Buffer.from(text.slice(at, at + 40_000))
}

function write(tenantId: string = security): Promise<string> {
  return opened.tx
    .asWorker({ tenantId, orgScope: 'all' })
    .run((db) => storage.write({ db, tenantId, exportId, extension: 'csv' }, chunked()))
}

function read(reference: string, tenantId: string = security, id = exportId): Promise<string> {
  return opened.tx.asWorker({ tenantId, orgScope: 'all' }).run(async (db) => {
    const chunks: Uint8Array[] = []
    const stored = { db, tenantId, exportId: id, reference }
    for await (const chunk of storage.read(stored)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  })
}

/** The sealed parts with their heads. */
function partsOf(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    parts.push(bytes.subarray(at, at + 4 + bytes.readUInt32BE(at)))
  }
  return parts
}

describe('a sealed export', () => {
  it('is what it was for its tenant, and nothing on the disk', async () => {
    const reference = await write()
    expect(reference).toBe('sealed:memory')
    expect(kept.includes('line')).toBe(false)
    expect(await read(reference)).toBe(text)
  })

  it.each<[string, (parts: Buffer[]) => Buffer[]]>([
    ['a part is missing', ([first = Buffer.alloc(0), , ...rest]) => [first, ...rest]],
    ['parts changed places', ([a, b, ...rest]) => [b, a, ...rest].flatMap((part) => part ?? [])],
    ['its end is cut off', (parts) => parts.slice(0, -1)],
    ['a part is cut off with its end', (parts) => [...parts.slice(0, -2), ...parts.slice(-1)]],
    ['a byte changed', (parts) => parts.map((part, index) => (index === 1 ? flipped(part) : part))],
    ['nothing is left', () => []],
    ['it ends in the middle of a part', ([first]) => [(first ?? Buffer.alloc(9)).subarray(0, 99)]],
  ])('does not open when %s', async (_what, change) => {
    const reference = await write()
    kept = Buffer.concat(change(partsOf(kept)))
    await expect(read(reference)).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
  })

  it('does not open as an export of another tenant, or as another one', async () => {
    const reference = await write()
    await expect(read(reference, school)).rejects.toMatchObject({ name: 'WatertightError' })
    await expect(read(reference, security, randomUUID())).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
    })
  })

  it('is neither made nor opened while the key is disabled', async () => {
    const reference = await write()
    const change = (state: 'active' | 'disabled'): Promise<unknown> =>
      database.admin.query(
        `update core.encryption_keys set state = $1::core.key_state,
           disabled_at = case when $1 = 'disabled' then now() end
         where tenant_id = $2 and purpose = 'exports'`,
        [state, security],
      )
    await change('disabled')
    await expect(read(reference)).rejects.toMatchObject({ code: 'KEY_DISABLED' })
    await expect(write()).rejects.toMatchObject({ code: 'KEY_DISABLED' })
    await change('active')
    expect(await read(reference)).toBe(text)
  })

  it('is kept as it is for a tenant without a key for exports', async () => {
    await database.admin.query(
      "delete from core.encryption_keys where purpose = 'exports' and tenant_id = $1",
      [school],
    )
    const reference = await write(school)
    expect(reference).toBe('memory')
    expect(await read(reference, school)).toBe(text)
  })
})

function flipped(part: Buffer): Buffer {
  const copy = Buffer.from(part)
  copy.writeUInt8(copy.readUInt8(part.length - 1) ^ 1, part.length - 1)
  return copy
}
