import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import type { Call, RouteInput } from '../api/route.js'
import { demo, demoId } from '../demo-data/index.js'
import { exportWork } from '../workers/exports/export-work.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'
import { localDirectoryStorage } from '../workers/exports/local-directory-storage.js'
import { sealedStorage } from '../workers/exports/sealed-storage.js'
import { findExport } from './export-repository.js'
import { exportRoutes } from './export-routes.js'

let api: ApiCaller
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'))
  api = await openApiCaller(exportRoutes, { exports: storage() })
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

const storage = (): ExportStorage => sealedStorage(localDirectoryStorage(folder))

/** Has the workers make everything that the tenant waits for. */
async function makeAll(tenantId: string): Promise<void> {
  const work = exportWork(api.tx, storage())
  while ((await work(tenantId, new AbortController().signal)) > 0);
}

describe('exports', () => {
  it('are asked for and wait for a worker', async () => {
    const reply = await api.call('securityAdmin', 'POST', '/exports', {
      kind: 'alerts_csv',
      since: '2026-01-01T00:00:00Z',
    })
    expect(reply).toMatchObject({
      status: 202,
      body: { state: 'queued', since: '2026-01-01T00:00:00Z', until: null, sha256: null },
    })
    const id = String(reply.body['id'])
    expect((await api.call('schoolAdmin', 'GET', `/exports/${id}`)).status).toBe(404)
    expect((await api.call('securityManager', 'GET', `/exports/${id}`)).status).toBe(403)
    const { items } = await api.call('securityAdmin', 'GET', '/exports?state=queued')
    expect(items.map((item) => item['id'])).toContain(id)
  })

  it('are refused for unknown kinds and turned bounds, and bounded in number', async () => {
    const faulty = await api.call('securityAdmin', 'POST', '/exports', {
      kind: 'secrets_csv',
      since: 'yesterday',
    })
    expect(faulty.pointers).toEqual(['/body/kind', '/body/since'])
    const turned = await api.call('securityAdmin', 'POST', '/exports', {
      kind: 'audit_csv',
      since: '2026-02-01T00:00:00Z',
      until: '2026-01-01T00:00:00Z',
    })
    expect(turned.pointers).toEqual(['/body/until'])
    const statuses: number[] = []
    for (let count = 0; count < 12; count += 1) {
      const { status } = await api.call('eventsAdmin', 'POST', '/exports', { kind: 'audit_csv' })
      statuses.push(status)
    }
    expect(statuses.filter((status) => status === 409).length).toBeGreaterThanOrEqual(2)
  })

  it('are downloaded with their digest once they are ready, and not by others', async () => {
    const { body } = await api.call('schoolAdmin', 'POST', '/exports', { kind: 'assets_csv' })
    const path = `/exports/${String(body['id'])}`
    expect((await api.call('schoolAdmin', 'GET', `${path}/download`)).status).toBe(409)
    await makeAll(demo.tenants.school)
    const ready = await api.call('schoolAdmin', 'GET', path)
    expect(ready.body).toMatchObject({ state: 'ready', rowCount: 4 })
    const reply = await api.call('schoolAdmin', 'GET', `${path}/download`)
    expect(reply.status).toBe(200)
    expect(createHash('sha256').update(reply.text).digest('hex')).toBe(ready.body['sha256'])
    expect(reply.headers['content-disposition']).toBe('attachment; filename="assets.csv"')
    expect(reply.text).toContain(demoId('sec.assets', 2, 1))
    expect(reply.text).not.toContain('00000001-5e01')
    expect((await api.call('securityAdmin', 'GET', `${path}/download`)).status).toBe(404)
    expect((await api.call('schoolManager', 'GET', `${path}/download`)).status).toBe(403)
    const { rows } = await api.database.admin.query(
      `select from ops.audit_log where action = 'export.download' and outcome = 'allowed'
       and target_id = $1`,
      [body['id']],
    )
    expect(rows).toHaveLength(1)
  })

  describe('that somebody with a wider view has asked for', () => {
    /** What the key of a member could have: reading exports, and no more. */
    const reader = (userId: string, claims: object): TenantContext =>
      parseTenantContext({
        mode: 'member',
        tenantId: demo.tenants.school,
        userId,
        capabilities: ['exports.read'],
        ...claims,
      })
    const whole = { orgScope: 'all' }
    const ofUnit = { orgScope: 'unit', orgUnitId: demo.orgUnits.school.class10a }
    let id: string
    beforeAll(async () => {
      const { body } = await api.call('schoolAdmin', 'POST', '/exports', { kind: 'assets_csv' })
      id = String(body['id'])
    })

    it.each([
      ['another member', demo.users.schoolPupil, ofUnit],
      ['another member in the whole tenant', demo.users.schoolManager, whole],
      ['the one who asked for it, in one unit', demo.users.schoolAdmin, ofUnit],
    ])('are not there for %s', async (_who, userId, claims) => {
      const isWholeTenant = claims === whole
      const context = reader(userId, claims)
      const found = await api.tx
        .as(context)
        .run((tx) => findExport(tx, { mode: 'member', isWholeTenant }, id))
      expect(found).toBeUndefined()
    })

    it('are hidden from other members by the database itself', async () => {
      const seen = (userId: string): Promise<number> =>
        api.tx
          .as(reader(userId, whole))
          .run(
            async (tx) =>
              (await tx.query('select from sec.exports where id = $1', [id])).rows.length,
          )
      expect(await seen(demo.users.schoolManager)).toBe(0)
      expect(await seen(demo.users.schoolAdmin)).toBe(1)
    })

    it('are open to admins of the whole tenant', async () => {
      await api.database.admin.query('update sec.exports set requested_by = $2 where id = $1', [
        id,
        demo.users.schoolManager,
      ])
      const own = await api.call('schoolAdmin', 'GET', `/exports/${id}`)
      expect(own).toMatchObject({ status: 200, body: { requestedBy: demo.users.schoolManager } })
      const { items } = await api.call('schoolAdmin', 'GET', '/exports')
      expect(items.map((item) => item['id'])).toContain(id)
    })
  })

  it.each([
    ['altered', '{"forged":true}'],
    ['lost', null],
  ])('whose bytes were %s in the storage are not given out', async (_what, forged) => {
    const { body } = await api.call('schoolAdmin', 'POST', '/exports', { kind: 'alerts_jsonl' })
    await makeAll(demo.tenants.school)
    const tenantFolder = join(folder, demo.tenants.school)
    const names = await readdir(tenantFolder)
    const name = names.find((each) => each.startsWith(String(body['id'])))
    const file = join(tenantFolder, String(name))
    await (forged === null ? rm(file) : writeFile(file, forged))
    const reply = await api.call('schoolAdmin', 'GET', `/exports/${String(body['id'])}/download`)
    expect(reply).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(reply.text).not.toContain('forged')
  })

  describe('of everything of the tenant', () => {
    it('are for its admins alone, whole, and without bounds', async () => {
      const wanted = { kind: 'tenant_archive' }
      expect((await api.call('schoolManager', 'POST', '/exports', wanted)).status).toBe(403)
      const bounded = { ...wanted, since: '2026-01-01T00:00:00Z' }
      expect((await api.call('schoolAdmin', 'POST', '/exports', bounded)).pointers).toEqual([
        '/body/kind',
      ])
    })

    it('take a capability of their own, to ask for and to download', async () => {
      const asked = await api.call('schoolAdmin', 'POST', '/exports', { kind: 'tenant_archive' })
      expect(asked).toMatchObject({ status: 202, body: { kind: 'tenant_archive' } })
      await makeAll(demo.tenants.school)
      /** As an API key that was given no more than exports. */
      const limited = (id: string, call: object): Promise<unknown> => {
        const route = exportRoutes.find((each) => each.id === id)
        const context = parseTenantContext({
          mode: 'member',
          tenantId: demo.tenants.school,
          userId: demo.users.schoolAdmin,
          orgScope: 'all',
          capabilities: ['exports.read', 'exports.write'],
        })
        const services = { exports: storage() }
        return api.tx
          .as(context)
          .run((tx) => route?.handle({ ...call, context, tx, services } as Call<RouteInput>))
      }
      const forbidden = { code: 'FORBIDDEN' }
      const asking = limited('requestExport', { body: { kind: 'tenant_archive' } })
      await expect(asking).rejects.toMatchObject(forbidden)
      const params = { exportId: String(asked.body['id']) }
      await expect(limited('downloadExport', { params })).rejects.toMatchObject(forbidden)
    })

    it('are downloaded as a zip archive, also one that is larger than a reply holds', async () => {
      const { admin } = api.database
      // Of random digits, so that it stays large.
      await admin.query(
        `update sec.alerts set detail = jsonb_build_object('digits',
           (select string_agg(gen_random_uuid()::text, '') from generate_series(1, 65000)))
         where id = (select id from sec.alerts where tenant_id = $1 limit 1)`,
        [demo.tenants.school],
      )
      const { body } = await api.call('schoolAdmin', 'POST', '/exports', { kind: 'tenant_archive' })
      await makeAll(demo.tenants.school)
      const path = `/exports/${String(body['id'])}`
      const ready = await api.call('schoolAdmin', 'GET', path)
      expect(ready.body).toMatchObject({ state: 'ready' })
      expect(ready.body['byteCount']).toBeGreaterThan(1024 * 1024)
      const download = async (): Promise<Awaited<ReturnType<ApiCaller['download']>>> =>
        api.download('schoolAdmin', `${path}/download`)
      const reply = await download()
      expect(reply.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(ready.body['byteCount']),
        'content-disposition': 'attachment; filename="tenant.zip"',
      })
      expect(createHash('sha256').update(reply.bytes).digest('hex')).toBe(ready.body['sha256'])
      expect((await api.call('securityAdmin', 'GET', `${path}/download`)).status).toBe(404)

      const [file] = (await readdir(join(folder, demo.tenants.school))).filter((name) =>
        name.startsWith(String(body['id'])),
      )
      const place = join(folder, demo.tenants.school, file ?? '')
      const whole = await readFile(place)
      await writeFile(place, whole.subarray(0, -1))
      expect((await download()).status).toBe(503)
    })
  })
})
