import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../../test/platform-database.js'
import { createPlatformDatabase } from '../../../test/platform-database.js'
import { roleUrls } from '../../../test/role-urls.js'
import { openTxManager } from '../../boot/open-tx-manager.js'
import type { OpenTxManager } from '../../boot/open-tx-manager.js'
import { demo, demoId } from '../../demo-data/index.js'
import type { ExportStorage } from './export-storage.js'
import { exportWork } from './export-work.js'
import { localDirectoryStorage } from './local-directory-storage.js'

const { security, school } = demo.tenants
const { users, orgUnits } = demo
const never = new AbortController().signal

let database: PlatformDatabase
let opened: OpenTxManager
let folder: string
let files: ExportStorage

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 4)
  folder = await mkdtemp(join(tmpdir(), 'watertight-exports-'))
  files = localDirectoryStorage(folder)
})
beforeEach(async () => {
  await database.admin.query('delete from sec.exports')
})
afterAll(async () => {
  await opened.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

interface Wanted {
  kind?: string
  tenant?: string
  user?: string
  place?: string
  scope?: 'unit' | 'subtree'
  filter?: object
  expires?: string
}
async function queue(wanted: Wanted = {}): Promise<string> {
  const { kind = 'assets_csv', tenant = security, user = users.securityAdmin } = wanted
  const { place = null, scope = null, filter = {}, expires = '1 day' } = wanted
  const { rows } = await database.admin.query<{ id: string }>(
    `insert into sec.exports (tenant_id, kind, requested_by, org_unit_id, org_scope, filter, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + $7::interval) returning id`,
    [tenant, kind, user, place, scope, filter, expires],
  )
  return rows[0]?.id ?? ''
}

interface ExportRow {
  state: string
  sha256: Buffer | null
  rows: number
  bytes: number
  reference: string | null
  error: string | null
  attempts: number
}
async function find(id: string): Promise<ExportRow> {
  const { rows } = await database.admin.query<ExportRow>(
    `select state, sha256, row_count::int as rows, byte_count::int as bytes, error, attempts,
       storage_reference as reference from sec.exports where id = $1`,
    [id],
  )
  const [row] = rows
  if (row === undefined) throw new Error('no such export')
  return row
}

const work = (storage: ExportStorage = files): Promise<number> =>
  exportWork(opened.tx, storage)(security, never)

async function contentOf(id: string): Promise<string> {
  const { reference } = await find(id)
  return opened.tx.asWorker({ tenantId: security }).run(async (db) => {
    const stored = { db, tenantId: security, exportId: id, reference: reference ?? '' }
    const chunks: Uint8Array[] = []
    for await (const chunk of files.read(stored)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  })
}

describe('an export', () => {
  it.each([
    ['assets_csv', 'sec.assets'],
    ['assets_jsonl', 'sec.assets'],
    ['alerts_csv', 'sec.alerts'],
    ['alerts_jsonl', 'sec.alerts'],
    ['registrations_csv', 'evt.registrations'],
    ['audit_csv', 'ops.audit_log'],
    ['audit_jsonl', 'ops.audit_log'],
    ['evidence_jsonl', 'sec.evidence'],
  ])(
    'of kind %s has the rows of %s of its own tenant, with size and digest',
    async (kind, table) => {
      const id = await queue({ kind })
      expect(await work()).toBe(1)
      const made = await find(id)
      const content = await contentOf(id)
      expect(made).toMatchObject({ state: 'ready', error: null, bytes: Buffer.byteLength(content) })
      expect(made.sha256).toEqual(createHash('sha256').update(content).digest())
      const own = await opened.tx
        .asWorker({ tenantId: security, orgScope: 'all' })
        .query<{ count: string }>(`select count(*) from ${table}`)
      expect(made.rows).toBe(Number(own.rows[0]?.count))
      expect(made.rows).toBeGreaterThan(0)
      const lines = content.trimEnd().split(kind.endsWith('csv') ? '\r\n' : '\n')
      expect(lines.length).toBe(made.rows + (kind.endsWith('csv') ? 1 : 0))
      for (const foreign of [school, demo.tenants.events]) expect(content).not.toContain(foreign)
      expect(content).not.toMatch(/0000000[23]-/)
    },
  )

  it('has the rows of a place alone, or of all below it', async () => {
    const { southSite, root } = orgUnits.security
    const place = { kind: 'assets_jsonl', place: southSite } as const
    const unit = await queue({ ...place, user: users.securityAnalyst, scope: 'unit' })
    await work()
    const units = (await contentOf(unit)).trimEnd().split('\n').map(unitOf)
    expect(new Set(units)).toEqual(new Set([southSite]))
    const all = await queue({ kind: 'assets_jsonl', place: root, scope: 'subtree' })
    await work()
    expect((await find(all)).rows).toBe(4)
  })

  it.each<[string, Wanted]>([
    ['of the whole tenant for somebody who is no admin', { user: users.securityAnalyst }],
    ['for a stranger', { user: users.schoolAdmin }],
    [
      'of a place where the requester does not work',
      { user: users.securityAnalyst, place: orgUnits.security.northSite, scope: 'unit' },
    ],
    [
      'of more than the requester has',
      { user: users.securityAnalyst, place: orgUnits.security.southSite, scope: 'subtree' },
    ],
    [
      'of the audit log of a place',
      { kind: 'audit_csv', place: orgUnits.security.southSite, scope: 'unit' },
    ],
    ['of everything for a manager', { kind: 'tenant_archive', user: users.securityManager }],
    ['of everything for a stranger', { kind: 'tenant_archive', user: users.schoolAdmin }],
    [
      'of everything of a place',
      { kind: 'tenant_archive', place: orgUnits.security.root, scope: 'subtree' },
    ],
    ['of everything since then', { kind: 'tenant_archive', filter: { since: '2026-01-01' } }],
    ['with a filter that is none', { filter: { since: 'yesterday' } }],
  ])('is refused %s', async (_what, wanted) => {
    const id = await queue(wanted)
    expect(await work()).toBe(1)
    expect(await find(id)).toMatchObject({ state: 'failed', reference: null })
    expect((await find(id)).error).toMatch(/\w+ \w+/)
  })

  it('is refused to who is no member any more, although they were when they asked', async () => {
    const id = await queue({
      user: users.securityManager,
      place: orgUnits.security.northSite,
      scope: 'subtree',
    })
    const end = (revoked: boolean): Promise<unknown> =>
      database.admin.query(
        `update core.memberships set status = $2::core.membership_status,
           revoked_at = case when $3 then now() end where user_id = $1`,
        [users.securityManager, revoked ? 'revoked' : 'active', revoked],
      )
    await end(true)
    await work()
    expect(await find(id)).toMatchObject({ state: 'failed' })
    await end(false)
    const again = await queue({
      user: users.securityManager,
      place: orgUnits.security.northSite,
      scope: 'subtree',
    })
    await work()
    expect(await find(again)).toMatchObject({ state: 'ready' })
  })

  it('keeps to the bounds of its filter', async () => {
    const none = await queue({ kind: 'audit_jsonl', filter: { until: '2001-01-01' } })
    await work()
    expect(await find(none)).toMatchObject({ state: 'ready', rows: 0, bytes: 0 })
  })

  it('is made by one worker, however many try at the same time', async () => {
    const ids = [await queue(), await queue(), await queue()]
    for (let round = 0; round < 4; round += 1) {
      await Promise.allSettled(Array.from({ length: 4 }, () => work()))
    }
    for (const id of ids) {
      expect(await find(id)).toMatchObject({ state: 'ready' })
      const own = (await readdir(join(folder, security))).filter((name) => name.startsWith(id))
      expect(own).toHaveLength(1)
    }
  })

  it('stays queued when its storage fails, and is given up after five attempts', async () => {
    const id = await queue()
    const broken: ExportStorage = {
      ...files,
      write: async (place, bytes) => {
        async function* cut(): AsyncGenerator<Uint8Array> {
          yield* bytes
          throw new Error('the disk is full')
        }
        return files.write(place, cut())
      },
    }
    for (let attempt = 1; attempt < 5; attempt += 1) {
      await expect(work(broken)).rejects.toThrow('the disk is full')
      expect(await find(id)).toMatchObject({ state: 'queued', attempts: attempt })
    }
    await work(broken)
    expect(await find(id)).toMatchObject({ state: 'failed', attempts: 5, reference: null })
    expect((await readdir(join(folder, security))).some((name) => name.startsWith(id))).toBe(false)
  })

  it('leaves nothing behind when its time is over', async () => {
    const [kept, over] = [await queue(), await queue()]
    await work()
    await work()
    const unmade = await queue({ expires: '-1 second' })
    const { reference } = await find(over)
    const leftover = `${(reference ?? '').replace('file:', '').replace('.csv', '')}.csv.part`
    await writeFile(join(folder, leftover), 'of a worker that died')
    await database.admin.query('update sec.exports set expires_at = now() where id = $1', [over])
    expect(await work()).toBe(2)
    expect(await find(over)).toMatchObject({ state: 'expired', reference: null })
    expect(await find(unmade)).toMatchObject({ state: 'expired' })
    const names = await readdir(join(folder, security))
    expect(names.filter((name) => name.startsWith(over))).toEqual([])
    expect(names.filter((name) => name.startsWith(kept))).toHaveLength(1)
  })

  it('tells other systems that it is ready', async () => {
    const id = await queue()
    await work()
    const { rows } = await database.admin.query(
      `select tenant_id from ops.outbox where topic = 'export.ready' and payload = $1`,
      [{ exportId: id }],
    )
    expect(rows).toEqual([{ tenant_id: security }])
  })
})

describe('the folder of exports', () => {
  it('goes with its tenant, and leads to no other', async () => {
    await queue()
    await work()
    await mkdir(join(folder, school), { recursive: true })
    await expect(files.removeTenant(`../${security}`)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    await files.removeTenant(security)
    await files.removeTenant(security)
    expect(await readdir(folder)).toEqual([school])
  })

  it.each([
    ['of another tenant', (id: string) => `file:${school}/${id}-0123456789abcdef.csv`],
    [
      'of another export',
      () => `file:${security}/${demoId('sec.exports', 1, 1)}-0123456789abcdef.csv`,
    ],
    ['above it', () => 'file:../../etc/passwd'],
    ['of anything else', () => '/etc/passwd'],
  ])('lends no file %s', async (_what, reference) => {
    const id = await queue()
    await database.admin.query('update sec.exports set storage_reference = $2 where id = $1', [
      id,
      reference(id),
    ])
    await expect(contentOf(id)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

function unitOf(line: string): unknown {
  return Reflect.get(JSON.parse(line) as object, 'org_unit_id')
}

it('makes an archive of the evidence whose manifest has the digest of each file', async () => {
  const id = await queue({ kind: 'evidence_zip' })
  while ((await work()) > 0);
  const made = await find(id)
  expect(made).toMatchObject({ state: 'ready', error: null })
  const bytes = await readFile(join(folder, (made.reference ?? '').replace('file:', '')))
  expect(createHash('sha256').update(bytes).digest()).toEqual(made.sha256)
  const contents = new Map<string, string>()
  const zip = await fromBufferPromise(bytes)
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
    contents.set(entry.fileName, Buffer.concat(chunks).toString())
  }
  const manifest = JSON.parse(contents.get('manifest.json') ?? '') as {
    tenantId: string
    files: { name: string; sha256: string; rowCount: number }[]
  }
  expect(manifest.tenantId).toBe(security)
  expect(manifest.files.map(({ name }) => name)).toEqual([
    'evidence.jsonl',
    'evidence.csv',
    'controls.csv',
  ])
  for (const { name, sha256 } of manifest.files) {
    const digest = createHash('sha256')
      .update(contents.get(name) ?? '')
      .digest('hex')
    expect([name, digest]).toEqual([name, sha256])
  }
  const { rows } = await database.admin.query<{ id: string }>(
    'select id from sec.evidence where tenant_id = $1',
    [security],
  )
  const lines = (contents.get('evidence.jsonl') ?? '').trim().split('\n')
  const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id)
  expect(ids.sort()).toEqual(rows.map((row) => row.id).sort())
})
