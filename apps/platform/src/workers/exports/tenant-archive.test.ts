import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportManifest } from 'watertight/tenants'
import type { PlatformDatabase } from '../../../test/platform-database.js'
import { createPlatformDatabase } from '../../../test/platform-database.js'
import { roleUrls } from '../../../test/role-urls.js'
import { tenantRowCounts } from '../../../test/tenant-row-counts.js'
import { openTxManager } from '../../boot/open-tx-manager.js'
import type { OpenTxManager } from '../../boot/open-tx-manager.js'
import { demo } from '../../demo-data/index.js'
import { exportWork } from './export-work.js'
import { localDirectoryStorage } from './local-directory-storage.js'
import { zipped } from './zipped.js'

const { security, school, events } = demo.tenants
const never = new AbortController().signal

let database: PlatformDatabase
let opened: OpenTxManager
let folder: string
beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 4)
  folder = await mkdtemp(join(tmpdir(), 'watertight-archive-'))
  await database.admin.query('delete from sec.exports')
})
afterAll(async () => {
  await opened.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const work = (): Promise<number> =>
  exportWork(opened.tx, localDirectoryStorage(folder))(security, never)

async function row<Row>(text: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await database.admin.query(text, values)
  return rows[0] as Row
}

const queue = (): Promise<{ id: string }> =>
  row(
    `insert into sec.exports (tenant_id, kind, requested_by, expires_at)
     values ($1, 'tenant_archive', $2, now() + interval '1 day') returning id`,
    [security, demo.users.securityAdmin],
  )

interface Made {
  state: string
  attempts: number
  rows: number
  sha256: Buffer
  reference: string | null
}
const find = (id: string): Promise<Made> =>
  row(
    `select state, attempts, row_count::int as rows, sha256, storage_reference as reference
     from sec.exports where id = $1`,
    [id],
  )

async function filesOf(bytes: Buffer): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const zip = await fromBufferPromise(bytes)
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
    files.set(entry.fileName, Buffer.concat(chunks).toString())
  }
  return files
}

describe('the archive of a tenant', () => {
  it('has every row that the owner of the database counts, and none of another tenant', async () => {
    await database.admin.query(
      `insert into core.legal_holds (tenant_id, reason, placed_by) values ($1, 'Case 11', $2)`,
      [security, demo.users.platformSupport],
    )
    const { secret } = await row<{ secret: string }>(
      `select secret_ciphertext::text as secret from sec.integration_credentials
       where tenant_id = $1 limit 1`,
      [security],
    )
    const { id } = await queue()
    const counted = await tenantRowCounts(database.admin, security)
    expect(await work()).toBe(1)
    const made = await find(id)
    expect(made).toMatchObject({ state: 'ready' })
    const bytes = await readFile(join(folder, (made.reference ?? '').replace('file:', '')))
    expect(createHash('sha256').update(bytes).digest()).toEqual(made.sha256)

    const files = await filesOf(bytes)
    const manifest = JSON.parse(files.get('manifest.json') ?? '') as ExportManifest
    expect([...files.keys()].at(-1)).toBe('manifest.json')
    expect(manifest).toMatchObject({ tenantId: security, withheld: ['core.legal_holds'] })
    const { 'core.legal_holds': holds, ...expected } = counted
    expect(holds).toBeGreaterThan(0)
    expect(Object.fromEntries(manifest.tables.map((each) => [each.table, each.rows]))).toEqual(
      expected,
    )
    expect(made.rows).toBe(Object.values(expected).reduce((sum, count) => sum + count, 0))
    for (const { file, rows, sha256 } of manifest.tables) {
      const text = files.get(file) ?? ''
      expect([file, text.split('\n').length - 1]).toEqual([file, rows])
      expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
    }

    const all = [...files.values()].join('')
    for (const foreign of [school, events, 'Case 11']) expect(all).not.toContain(foreign)
    expect(all).not.toMatch(/0000000[23]-/)
    // As it is kept: sealed.
    expect(all).toContain(JSON.stringify(secret).slice(1, -1))
  })

  it('whose worker is killed in the middle is not there, and is made by the next', async () => {
    const { id } = await queue()
    // The last table waits for this lock, so that the others are read and written by then.
    const blocker = await database.connect()
    await blocker.query('begin; lock table notify.preferences in access exclusive mode')
    const attempt = work().catch((error: unknown) => error)
    const waiting = `select pid from pg_locks where relation = 'notify.preferences'::regclass
      and database = (select oid from pg_database where datname = current_database())
      and not granted`
    let pid: number | undefined
    while (pid === undefined) {
      pid = (await row<{ pid: number } | undefined>(waiting))?.pid
      await new Promise((next) => setTimeout(next, 5))
    }
    await database.admin.query('select pg_terminate_backend($1)', [pid])
    expect(await attempt).toBeInstanceOf(Error)
    await blocker.query('rollback')
    await blocker.end()
    expect(await find(id)).toMatchObject({ state: 'queued', attempts: 1, reference: null })
    const files = async (): Promise<readonly string[]> =>
      (await readdir(join(folder, security))).filter((name) => name.startsWith(id))
    expect(await files()).toEqual([])
    expect(await work()).toBe(1)
    expect(await find(id)).toMatchObject({ state: 'ready', attempts: 2 })
    expect(await files()).toHaveLength(1)
  })
})

describe('a zip archive that is written as it is read', () => {
  const line = 'x'.repeat(20_000)

  it('has no more written than its reader takes, and refuses the rest when that leaves', async () => {
    let written = 0
    let refused: unknown
    const chunks = zipped(async (sink) => {
      const file = await sink.open('large.txt')
      try {
        // Not compressible, so that it cannot hide in a buffer.
        for (; written < 10_000; written += 1) {
          await file.write(createHash('sha512').update(String(written)).digest('hex') + line)
        }
      } catch (error) {
        refused = error
        throw error
      }
    })
    expect((await chunks.next()).done).toBe(false)
    await chunks.return(undefined)
    expect(refused).toMatchObject({ name: 'AbortError' })
    expect(written).toBeLessThan(10_000)
  })

  it('ends with the error of who writes it', async () => {
    const chunks = zipped(async (sink) => {
      const file = await sink.open('one.txt')
      await file.write(line)
      // The reader waits for more by then.
      await new Promise((next) => setTimeout(next, 20))
      throw new Error('the rows are gone')
    })
    const read = async (): Promise<void> => {
      for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0)
    }
    await expect(read()).rejects.toThrow('the rows are gone')
  })
})
