import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Queryable } from 'watertight/sql'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import { openSessionIssuer } from '../identity/session-issuer.js'
import { assetRoutes } from '../security/asset-routes.js'
import type { Diagnostics } from './diagnostics.js'
import { openDiagnostics } from './diagnostics.js'
import { performanceRoutes } from './performance-routes.js'
import type { PerformanceReport } from './performance-schema.js'
import { planWarnings } from './plan-warnings.js'
import { reportPerformance } from './report-performance.js'
import { TenantLoad } from './tenant-load.js'

let api: PlatformApi
let diagnostics: Diagnostics

beforeAll(async () => {
  const sessions = await openSessionIssuer({ issuer: 'https://sessions.example', audience: 'x' })
  const services = { sessions, load: new TenantLoad() }
  api = await openPlatformApi({ routes: [...performanceRoutes, ...assetRoutes], services }, 2)
  diagnostics = openDiagnostics(api.database.url)
})
afterAll(() => api.close())

async function report(): Promise<PerformanceReport> {
  return diagnostics.read((db) => reportPerformance(db, null, 100))
}

describe('the performance page', () => {
  it('counts the requests of each tenant, and shows a tenant its own alone', async () => {
    for (let request = 0; request < 3; request += 1)
      await api.call('securityAdmin', 'GET', '/assets')
    await api.call('schoolAdmin', 'GET', '/assets')
    const { body } = await api.call('securityAdmin', 'GET', '/performance')
    expect(body).toMatchObject({ requests: 3, failures: 0 })
    const page = await api.call('platformWithoutGrant', 'GET', '/platform/performance')
    expect(page.body).toMatchObject({
      requests: {
        tenants: expect.arrayContaining([
          expect.objectContaining({ tenantId: demo.tenants.security, requests: 4 }),
          expect.objectContaining({ tenantId: demo.tenants.school, requests: 1 }),
        ]),
      },
      // Without a diagnostic connection nothing is made up.
      statements: { available: false, howToEnable: expect.stringContaining('DIAGNOSTICS') },
      load: { available: false, tenants: [] },
    })
    for (const actor of ['securityAdmin', 'auditorLive'] as const) {
      expect((await api.call(actor, 'GET', '/platform/performance')).status).toBe(403)
    }
    expect((await api.call('securityAnalyst', 'GET', '/performance')).status).toBe(403)
  })

  it('takes four statements at most, and says how to have those of the server', async () => {
    const texts: string[] = []
    const { statements } = await diagnostics.read((db) => {
      const counted: Queryable = {
        query: (text, values) => {
          texts.push(text)
          return db.query(text, values)
        },
      }
      return reportPerformance(counted, null, 25)
    })
    expect(statements).toMatchObject({
      available: false,
      howToEnable: expect.stringContaining('pg_stat_statements'),
    })
    expect(texts.length).toBeLessThanOrEqual(4)
    expect(texts.join('\n')).not.toMatch(/count\(\*\)\s+from (core|sec|eval|evt)\./)
  })

  it('estimates what each tenant has from the statistics, and finds the whale', async () => {
    const { admin } = api.database
    await admin.query(
      `
      insert into ops.outbox (tenant_id, topic, payload)
      select $1, 'alert.opened', '{}' from generate_series(1, 3000)`,
      [demo.tenants.security],
    )
    await admin.query('analyze')
    const { load, warnings } = await report()
    expect(load.available).toBe(true)
    expect(load.tenants[0]).toMatchObject({
      tenantId: demo.tenants.security,
      name: expect.stringContaining('Northgate'),
    })
    expect(load.tenants[0]?.rows).toBeGreaterThan(2500)
    expect(load.tables.find(({ object }) => object === 'ops.outbox')?.rows).toBeGreaterThan(2500)
    expect(warnings.items).toContainEqual(
      expect.objectContaining({ kind: 'tenant-skew', object: 'ops.outbox' }),
    )
  })

  it('warns of a table without an index for its tenant, and of operators that RLS keeps from indexes', async () => {
    const before = (await report()).warnings.items
    expect(before.filter(({ kind }) => kind === 'missing-tenant-index')).toEqual([])
    await api.database.admin.query(`
      create table sec.notes (id uuid primary key, tenant_id uuid not null, amount numeric, label text);
      alter table sec.notes enable row level security;
      create index notes_amount on sec.notes (amount);
      create index notes_label on sec.notes (label);
      create index notes_lower on sec.notes (lower(label))`)
    const notes = (await report()).warnings.items.filter(({ object }) => object === 'sec.notes')
    expect(notes.map(({ kind, index }) => [kind, index])).toEqual(
      expect.arrayContaining([
        ['missing-tenant-index', null],
        ['index-not-usable', 'notes_amount'],
        ['index-not-usable', 'notes_lower'],
      ]),
    )
    expect(notes).toHaveLength(3)
  })

  it('says nothing of indexes on elements of arrays, and advises no tenant where a table has none', async () => {
    const { warnings } = await report()
    const keys = warnings.items.filter(({ kind }) => kind === 'index-not-usable')
    expect(keys.filter(({ column }) => column?.includes('categories['))).toEqual([])
    const remedies = keys.filter(({ object }) => object === 'core.tenants').map((key) => key.remedy)
    expect(remedies).toEqual([expect.stringMatching(/^Search by a column/)])
  })

  it('reads, and can do nothing else', async () => {
    await expect(diagnostics.read((db) => db.query('delete from sec.assets'))).rejects.toThrow(
      /read-only/,
    )
  })
})

describe('the counters of a process', () => {
  it('hold so many tenants and no more, and forget who was asked least recently', () => {
    const load = new TenantLoad(2)
    for (const tenant of ['a', 'a', 'b', 'a', 'c']) load.count(tenant, 10, 200)
    expect(load.top(5).map(({ tenantId }) => tenantId)).toEqual(['a', 'c'])
    expect(load.forgotten).toBe(1)
    load.count('c', 90, 503)
    expect(load.of('c')).toEqual({
      tenantId: 'c',
      requests: 2,
      failures: 1,
      totalMs: 100,
      maxMs: 90,
    })
  })
})

describe('plan warnings', () => {
  const table = {
    object: 'sec.assets',
    rows: 5000,
    bytes: 1,
    sequentialScans: 0,
    indexScans: 0,
    deadRows: 0,
    analyzedAt: '2026-01-01T00:00:00Z',
    largestTenantShare: 0.9,
    tenants: 3,
  }
  const none = { unusable: [], withoutTenantIndex: [] }

  it.each<[string, Partial<typeof table>, readonly string[]]>([
    ['one tenant has nearly all', {}, ['tenant-skew']],
    ['one tenant has all there is', { tenants: 1 }, []],
    ['tenants are alike', { largestTenantShare: 0.3 }, []],
    ['the table is small', { rows: 100 }, []],
  ])('when %s', (_what, change, kinds) => {
    expect(planWarnings(none, [{ ...table, ...change }]).map(({ kind }) => kind)).toEqual(kinds)
  })

  it('quote the names that they would have somebody run', () => {
    const [warning] = planWarnings({ ...none, withoutTenantIndex: ['sec.a"; drop'] }, [])
    expect(warning?.fixSql).toContain('"a""; drop"')
  })
})
