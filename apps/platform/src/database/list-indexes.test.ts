import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import type { AuditFilter } from '../audit/audit-repository.js'
import { listAuditEntries } from '../audit/audit-repository.js'
import { auditRoutes } from '../audit/audit-routes.js'
import { demo, demoActors } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { listEvents } from '../events/event-repository.js'
import type { EventFilter } from '../events/event-repository.js'
import { listFiles } from '../media/file-repository.js'
import type { FileFilter } from '../media/file-repository.js'
import { exportRoutes } from '../security/export-routes.js'
import { lifecycleRoutes } from '../tenants/routes.js'

const { security, school } = demo.tenants
const actor = demo.users.securityAdmin
const rare = '00000000-0000-4000-8000-0000000000aa'
/** Microseconds that JavaScript cuts off. */
const at = '2026-10-10 10:00:00.123456+00'

/** Enough rows for a plan to matter, many of the same microsecond. */
const bulk = [
  `insert into ops.audit_log (tenant_id, occurred_at, chain_position, previous_hash, entry_hash,
     actor_id, actor_role, action, target_type, target_id, outcome, correlation_id)
   select t, timestamptz '2026-09-03' + i * interval '2 minutes', 100 + i, sha256('x'), sha256('y'),
     case when i % 997 = 0 then '${rare}'::uuid else '${actor}'::uuid end, 'member',
     case when i % 499 = 0 then 'asset.retire' else 'alert.raise' end, 'asset',
     gen_random_uuid(), case when i % 501 = 0 then 'denied' else 'allowed' end::ops.audit_outcome,
     gen_random_uuid()
   from unnest(array['${security}', '${school}']::uuid[]) t, generate_series(1, 20000) i`,
  `update ops.audit_heads set chain_position = 20100 where tenant_id = '${security}'`,
  `insert into evt.events (tenant_id, org_unit_id, slug, title, starts_at, ends_at, time_zone,
     capacity, created_by, created_at)
   select '${security}', '${demo.orgUnits.security.root}', 'bulk-' || i, 'Bulk', '2030-01-01',
     '2030-01-02', 'UTC', 10, '${actor}', timestamptz '${at}' + i / 50 * interval '1 hour'
   from generate_series(1, 6000) i`,
  `insert into media.files (tenant_id, storage_key, original_name, content_type, byte_count, sha256,
     created_at)
   select '${security}', 'bulk/' || i, 'bulk.png', 'image/png', 1, sha256('x'),
     timestamptz '${at}' + i / 50 * interval '1 hour'
   from generate_series(1, 6000) i`,
  `insert into sec.exports (tenant_id, kind, requested_by, created_at, expires_at)
   select '${security}', 'audit_csv', '${actor}', '${at}', '2030-01-01'
   from generate_series(1, 60) i`,
  `insert into core.tenants (slug, name, created_at)
   select 'bulk-' || i, 'Bulk', '${at}' from generate_series(1, 30) i`,
  'analyze',
]

let api: PlatformApi
beforeAll(async () => {
  api = await openPlatformApi({
    routes: [...auditRoutes, ...exportRoutes, ...lifecycleRoutes],
  })
  const { admin } = api.database
  await admin.query('set session_replication_role = replica')
  for (const statement of bulk) await admin.query(statement)
})
afterAll(() => api.close())

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [
  node,
  ...(node.Plans ?? []).flatMap(nodesOf),
]

/** How the app role runs the list of a repository, row security included. */
async function planOf(list: (db: Queryable) => Promise<readonly unknown[]>): Promise<{
  readonly kinds: readonly string[]
  readonly indexes: readonly string[]
}> {
  const context = parseTenantContext(demoActors.securityAdmin.claims)
  const [row] = await api.opened.tx.as(context).run((tx) => {
    const explaining: Queryable = {
      query: (text: string, values?: readonly unknown[]) =>
        tx.query(`explain (format json) ${text}`, values ?? []),
    }
    return list(explaining)
  })
  const [{ Plan: plan }] = Reflect.get(Object(row), 'QUERY PLAN') as [{ Plan: PlanNode }]
  const nodes = nodesOf(plan)
  return {
    kinds: nodes.map((node) => node['Node Type']),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
  }
}

const page = { limit: 25, after: null }
const next = { limit: 25, after: { key: '2026-10-20T00:00:00.000000Z', id: rare } }
const further = (key: string): typeof next => ({ limit: 25, after: { key, id: rare } })
const events =
  (filter: Pick<EventFilter, 'sort' | 'after' | 'limit'>) =>
  (db: Queryable): Promise<readonly unknown[]> =>
    listEvents(db, 'member', { ...filter, status: null })
const files =
  (filter: Pick<FileFilter, 'sort' | 'after' | 'limit'>) =>
  (db: Queryable): Promise<readonly unknown[]> =>
    listFiles(db, 'member', { ...filter, state: null, contentType: null })
const all: AuditFilter = {
  actorId: null,
  action: null,
  outcome: null,
  targetType: null,
  targetId: null,
  correlationId: null,
  from: null,
  to: null,
  search: null,
}
const audit =
  (
    filter: Partial<AuditFilter>,
    window: { before: number | null; from: number | null },
    sort: 'position' | '-position' = '-position',
  ) =>
  (db: Queryable): Promise<readonly unknown[]> =>
    listAuditEntries(db, 'member', { ...all, ...filter }, { ...window, sort, limit: 25 })
const end = { before: null, from: null }

describe('a page of', () => {
  it.each([
    ['the audit log', audit({}, end)],
    ['the audit log further on', audit({}, { before: 9000, from: null })],
    ['the audit log, the oldest first', audit({}, end, 'position')],
    [
      'the audit log, the oldest first, further on',
      audit({}, { before: null, from: 9000 }, 'position'),
    ],
    ['the audit log by a frequent actor', audit({ actorId: actor }, end)],
    ['a search in the audit log', audit({ search: 'x' }, { before: 15_000, from: 10_000 })],
  ] as const)('%s comes in the order of an index', async (_what, list) => {
    const { kinds, indexes } = await planOf(list)
    expect(kinds).not.toContain('Sort')
    expect(kinds).not.toContain('Seq Scan')
    expect(indexes.some((name) => /tenant_id.*chain_position/.test(name))).toBe(true)
  })

  it.each([
    ['a rare actor', { actorId: rare }, /actor_id/],
    ['an action', { action: 'asset' }, /action/],
    ['a target', { targetId: rare }, /target_id/],
    ['a short time', { from: '2026-09-05T00:00:00Z', to: '2026-09-05T00:20:00Z' }, /occurred_at/],
    ['what was not allowed', { outcome: 'denied' }, /tenant_id_chain_position_idx\d*$/],
  ] as const)('the audit log by %s is found by an index', async (_what, filter, index) => {
    const { indexes } = await planOf(audit(filter, end))
    expect(indexes.filter((name) => index.test(name))).not.toEqual([])
  })

  it.each([
    ['events', 'events_newest', events({ sort: '-createdAt', ...page })],
    ['events further on', 'events_newest', events({ sort: '-createdAt', ...next })],
    ['events, the oldest first', 'events_newest', events({ sort: 'createdAt', ...next })],
    ['events by title', 'events_by_title', events({ sort: 'title', ...page })],
    [
      'events by title from the end',
      'events_by_title',
      events({ sort: '-title', ...further('bulk') }),
    ],
    ['events by begin', 'events_by_start', events({ sort: '-startsAt', ...next })],
    ['files', 'files_newest', files({ sort: '-createdAt', ...page })],
    ['files further on', 'files_newest', files({ sort: '-createdAt', ...next })],
    ['files by name', 'files_by_name', files({ sort: 'originalName', ...further('bulk') })],
    ['files by size', 'files_by_size', files({ sort: '-byteCount', ...further('1') })],
  ] as const)('%s comes in the order of %s', async (_what, index, list) => {
    const { kinds, indexes } = await planOf(list)
    expect(indexes).toContain(index)
    expect(kinds).not.toContain('Sort')
  })
})

describe('page after page', () => {
  const pages: readonly (readonly [string, DemoActorKey, string, string])[] = [
    [
      'exports',
      'securityAdmin',
      '/exports?limit=7',
      `select id from sec.exports where tenant_id = '${security}'`,
    ],
    [
      'tenants, which come from a function',
      'platformWithoutGrant',
      '/platform/tenants?limit=7',
      'select id from core.tenants where deleted_at is null',
    ],
  ]
  it.each(pages)(
    'shows every one of %s once, though their times are equal',
    async (_what, who, path, every) => {
      const seen: string[] = []
      let after = ''
      do {
        const { body } = await api.call(who, 'GET', `${path}${after}`)
        seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id))
        const cursor = body['next'] as string | null
        after = cursor === null ? '' : `&after=${cursor}`
      } while (after !== '')
      const { rows } = await api.database.admin.query<{ id: string }>(every)
      expect(seen.length).toBeGreaterThan(30)
      expect([...seen].sort()).toEqual(rows.map(({ id }) => id).sort())
    },
  )

  it('a search of the audit log goes through all of it, a bounded part at a time', async () => {
    const found: unknown[] = []
    const sizes: number[] = []
    let after = ''
    do {
      const { body } = await api.call(
        'securityAdmin',
        'GET',
        `/audit?search=TENANT.CREATED${after}`,
      )
      found.push(...(body['items'] as unknown[]))
      sizes.push((body['items'] as unknown[]).length)
      const cursor = body['next'] as string | null
      after = cursor === null ? '' : `&after=${cursor}`
    } while (after !== '')
    expect(found).toMatchObject([{ action: 'tenant.created' }])
    expect(sizes).toEqual([0, 1])
  })

  it('the audit log comes from its beginning, too, its search included', async () => {
    const positions: unknown[] = []
    let after = ''
    for (let page = 0; page < 3; page += 1) {
      const { body } = await api.call(
        'securityAdmin',
        'GET',
        `/audit?limit=4&sort=position${after}`,
      )
      positions.push(...(body['items'] as { position: number }[]).map(({ position }) => position))
      after = `&after=${String(body['next'])}`
    }
    expect(positions).toEqual(positions.toSorted((one, other) => Number(one) - Number(other)))
    expect(new Set(positions).size).toBe(12)
    expect(await api.call('securityAdmin', 'GET', `/audit?limit=4${after}`)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_OF_OTHER_ORDER' },
    })
    const search = '/audit?sort=position&search=nothing.has.this'
    const first = await api.call('securityAdmin', 'GET', search)
    expect(first.body).toMatchObject({ items: [], next: expect.any(String) })
    const last = await api.call(
      'securityAdmin',
      'GET',
      `${search}&after=${String(first.body['next'])}`,
    )
    expect(last.body).toEqual({ items: [], next: null })
  })
})
