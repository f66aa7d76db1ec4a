import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { takeRun } from './checker/checker-repository.js'
import { recordCheck, runCheck } from './checker/run-check.js'
import { isolationRoutes } from './run-routes.js'

const staff = 'platformWithoutGrant'
let api: PlatformApi
let checked: pg.Client
let record: pg.Client

beforeAll(async () => {
  api = await openPlatformApi({ routes: isolationRoutes }, 3)
  checked = new pg.Client({ connectionString: api.database.url })
  record = new pg.Client({ connectionString: api.database.url })
  await Promise.all([checked.connect(), record.connect()])
})
afterAll(async () => {
  await Promise.all([checked.end(), record.end()])
  await api.close()
})

const get = (actor: DemoActorKey, path: string): Promise<Received> => api.call(actor, 'GET', path)

function ask(actor: DemoActorKey = staff, request: SentRequest = {}): Promise<Received> {
  return api.call(actor, 'POST', '/platform/isolation/runs', { body: {}, ...request })
}

/** Does the run that waits, as the checker would. */
async function work(): Promise<void> {
  const { model } = api.database
  const run = await takeRun(record)
  if (run === undefined) throw new Error('no run waits')
  await runCheck({ checked, record }, model, run)
}

function itemsOf({ body }: Received): readonly Record<string, unknown>[] {
  return body['items'] as Record<string, unknown>[]
}

/** Every longer text and id of every tenant, as a report must not have them. */
async function valuesOfTenants(): Promise<readonly string[]> {
  const { admin } = api.database
  const { rows: tables } = await admin.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.columns
     where column_name = 'tenant_id' and table_schema = any ($1)`,
    [['core', 'sec', 'eval', 'evt', 'media', 'notify']],
  )
  const values = new Set<string>()
  for (const { name } of tables) {
    const { rows } = await admin.query<{ value: string }>(
      `select distinct v.value from ${name} t, jsonb_each_text(to_jsonb(t)) v
       where v.value ~ '@|^[0-9a-f]{8}-[0-9a-f]{4}-' or length(v.value) > 15`,
    )
    for (const { value } of rows) values.add(value)
  }
  return [...values]
}

describe('a run of the isolation check', () => {
  it.each<[DemoActorKey, number]>([
    ['securityAnalyst', 403],
    ['securityAdmin', 403],
    ['auditorLive', 403],
  ])('is not started by %s', async (actor, status) => {
    expect((await ask(actor)).status).toBe(status)
    const { rows } = await api.database.admin.query(
      `select from ops.isolation_runs where status in ('queued', 'running')`,
    )
    expect(rows).toHaveLength(0)
  })

  it('is asked for by platform staff, one at a time, also at the same moment', async () => {
    const replies = await Promise.all([ask(), ask(), ask()])
    expect(replies.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
    const started = replies.find(({ status }) => status === 202)
    expect(started?.body).toMatchObject({
      status: 'queued',
      isStalled: false,
      withAttacks: true,
      progress: null,
      result: null,
    })
    const id = String(started?.body['id'])
    // Tenants see results, and nothing of what has none.
    expect((await get('securityAdmin', `/isolation/runs/${id}`)).status).toBe(404)
    expect((await get(staff, `/platform/isolation/runs/${id}`)).status).toBe(200)
  })

  it('is given up when no checker speaks of it, and leaves room for another', async () => {
    const { admin } = api.database
    const open = `update ops.isolation_runs set requested_at = now() - interval '10 minutes'
      where status = 'queued' returning id`
    const { rows } = await admin.query<{ id: string }>(open)
    const stalled = `/platform/isolation/runs/${rows[0]?.id ?? ''}`
    expect((await get(staff, stalled)).body).toMatchObject({ status: 'queued', isStalled: true })
    expect((await ask(staff, { body: { attacks: false } })).status).toBe(202)
    expect((await get(staff, stalled)).body).toMatchObject({
      status: 'failed',
      failure: 'no checker has spoken of the run for two minutes',
    })
  })

  it('proves the isolation, cell by cell, and says how far it is meanwhile', async () => {
    const { admin } = api.database
    const seen = new Set<unknown>()
    const look = setInterval(() => {
      void admin
        .query('select phase, steps_total from ops.isolation_runs where status = $1', ['running'])
        .then(({ rows }) => rows.forEach((row: { phase: string }) => seen.add(row.phase)))
    }, 100)
    await work()
    clearInterval(look)
    expect([...seen]).toContain('prove')
    const latest = await get('securityAdmin', '/isolation/runs/latest')
    expect(latest.body).toMatchObject({
      status: 'finished',
      result: 'holds',
      withAttacks: false,
      totals: { leaking: 0, unknown: 0, errors: 0 },
      formats: ['html', 'json', 'markdown', 'sarif'],
      hashes: { catalog: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    const { rows } = await admin.query(`select from ops.isolation_runs where tool_version = 'demo'`)
    expect(rows).toHaveLength(0)
    const id = String(latest.body['id'])
    const cells = await get('auditorLive', `/isolation/runs/${id}/cells?object=sec.assets`)
    expect(itemsOf(cells)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ mode: 'member', command: 'SELECT', verdict: 'proven' }),
      ]),
    )
    const [cell] = itemsOf(cells)
    const detail = await get('securityAdmin', `/isolation/runs/${id}/cells/${String(cell?.['id'])}`)
    expect(detail.body).toMatchObject({
      counterexample: null,
      method: 'proof',
      policies: expect.arrayContaining([
        expect.objectContaining({ permissive: false, using: expect.stringContaining('tenant_id') }),
      ]),
    })
    const page = await get(staff, `/platform/isolation/runs/${id}/cells?limit=2`)
    expect(page.body).toMatchObject({ next: '2' })
    const rest = await get(staff, `/platform/isolation/runs/${id}/cells?limit=2&after=2`)
    expect(itemsOf(rest)).not.toContainEqual(itemsOf(page)[1])
  }, 240_000)

  it('shows a broken policy as a leaking cell, with what got through and no row of anybody', async () => {
    const { admin, model } = api.database
    const few = ['assets', 'alerts', 'tickets']
    const part = {
      ...model,
      schemas: ['sec'],
      tables: model.tables.filter(({ table }) => few.includes(table.name)),
    }
    const { rows: guards } = await admin.query<{ drop: string; restore: string }>(
      `select format('drop policy %I on sec.tickets', polname) as drop,
         format('create policy %I on sec.tickets as restrictive to %I using (%s) with check (%s)',
           polname, polroles[1]::regrole, pg_get_expr(polqual, polrelid),
           pg_get_expr(coalesce(polwithcheck, polqual), polrelid)) as restore
       from pg_policy where polrelid = 'sec.tickets'::regclass and not polpermissive
         and $1::regrole = any (polroles)`,
      [api.database.role('app')],
    )
    for (const guard of guards) await admin.query(guard.drop)
    await admin.query('create policy open on sec.tickets for select using (true)')
    const result = await recordCheck({ checked, record }, part)
    await admin.query('drop policy open on sec.tickets')
    for (const guard of guards) await admin.query(guard.restore)
    expect(result?.summary.leak).toBeGreaterThan(0)
    const { body } = await get('securityAdmin', '/isolation/runs/latest')
    expect(body).toMatchObject({ result: 'findings', comparedWith: expect.any(String) })
    expect(Number(body['changed'])).toBeGreaterThan(0)
    const id = String(body['id'])
    const changed = await get('securityAdmin', `/isolation/runs/${id}/cells?changed=true`)
    expect(itemsOf(changed)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          object: 'sec.tickets',
          mode: 'member',
          command: 'SELECT',
          verdict: 'leak',
          method: 'attack',
          previousVerdict: 'proven',
        }),
      ]),
    )
    const leak = itemsOf(changed).find(({ verdict }) => verdict === 'leak')
    const cell = await get('securityAdmin', `/isolation/runs/${id}/cells/${String(leak?.['id'])}`)
    expect(cell.body).toMatchObject({
      counterexample: { statement: expect.stringContaining('sec.tickets') },
      policies: expect.arrayContaining([expect.objectContaining({ name: 'open', using: 'true' })]),
    })
    const findings = await get(staff, `/platform/isolation/runs/${id}/findings?severity=error`)
    expect(itemsOf(findings).map(({ object }) => object)).toContain('sec.tickets')
    const values = await valuesOfTenants()
    expect(values.length).toBeGreaterThan(200)
    for (const format of ['html', 'json', 'sarif', 'markdown']) {
      const report = await get('securityAdmin', `/isolation/runs/${id}/report?format=${format}`)
      expect(report.status).toBe(200)
      expect(report.text).toContain('sec.tickets')
      expect(report.headers['content-disposition']).toContain(`isolation-${id}.`)
      expect(values.filter((value) => report.text.includes(value))).toEqual([])
    }
  }, 240_000)
})
