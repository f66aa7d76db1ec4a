import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PlatformApi, Received } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { TenantLoad } from '../performance/tenant-load.js'
import { openSessionIssuer } from '../identity/session-issuer.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { explainRoutes } from './explain-routes.js'

let api: PlatformApi

beforeAll(async () => {
  const sessions = await openSessionIssuer({ issuer: 'https://sessions.example', audience: 'x' })
  api = await openPlatformApi(
    { routes: explainRoutes, services: { sessions, load: new TenantLoad() } },
    2,
  )
})
afterAll(() => api.close())

/** Query parameters of a question; of an array one each. */
type Question = Readonly<Record<string, string | readonly string[]>>

function explain(actor: DemoActorKey, question: Question): Promise<Received> {
  const asked = Object.entries({ table: 'sec.assets', ...question })
  const pairs = asked.flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  )
  return api.call(actor, 'GET', `/explain?${new URLSearchParams(pairs).toString()}`)
}

async function assetOf(tenantId: string, orgUnitId: string | null = null): Promise<string> {
  const { rows } = await api.database.admin.query<{ id: string }>(
    `select id from sec.assets where tenant_id = $1 and ($2::uuid is null or org_unit_id = $2)
     order by id limit 1`,
    [tenantId, orgUnitId],
  )
  return rows[0]?.id ?? ''
}

const { security, school } = demo.tenants
const { northSite } = demo.orgUnits.security
const member = { as: 'member', userId: demo.users.securityAnalyst }

describe('an explanation', () => {
  it('of a row that the caller sees has the clauses of each policy and the values of the row', async () => {
    const reply = await explain('securityAdmin', { key: await assetOf(security) })
    expect(reply).toMatchObject({
      status: 200,
      body: {
        verdict: 'allowed',
        isVisibleToCaller: true,
        context: { kind: 'own', mode: 'member', userId: demo.users.securityAdmin },
        values: { tenant_id: security },
      },
    })
    const policies = reply.body['policies'] as {
      clauses: { columns: string[]; holds: boolean }[]
    }[]
    const clauses = policies.flatMap((policy) => policy.clauses)
    expect(clauses.some(({ columns }) => columns.includes('tenant_id'))).toBe(true)
    expect(clauses.length).toBeGreaterThan(policies.length)
  })

  it.each(['sec.assets', 'evt.events', 'core.memberships', 'ops.audit_heads'])(
    'of %s answers a foreign id exactly as one that nobody has',
    async (table) => {
      const { rows } = await api.database.admin.query<{ key: string }>(
        table === 'ops.audit_heads'
          ? `select tenant_id as key from ops.audit_heads where tenant_id = $1`
          : `select id as key from ${table} where tenant_id = $1 order by id limit 1`,
        [school],
      )
      const foreign = rows[0]?.key ?? ''
      for (const command of ['SELECT', 'UPDATE', 'DELETE']) {
        for (const eyes of [{ as: 'own' }, { as: 'none' }, member]) {
          const ask = (key: string): Promise<Received> =>
            explain('securityAdmin', { table, key, command, ...eyes })
          const [theirs, nobodys] = [await ask(foreign), await ask(randomUUID())]
          expect(theirs.status).toBe(nobodys.status)
          expect(theirs.text).toBe(nobodys.text)
          expect(theirs.text).not.toContain(foreign)
          expect(theirs.body).toMatchObject({ isVisibleToCaller: false, values: {} })
        }
      }
    },
  )

  it('for another member says which policy keeps the row from them, and what would change it', async () => {
    const key = await assetOf(security, northSite)
    const { body } = await explain('securityAdmin', { key, ...member })
    expect(body).toMatchObject({
      verdict: expect.stringMatching(/restrictive-policy|no-permissive-policy/),
      reason: 'outside-org-scope',
      isVisibleToCaller: true,
      change: expect.stringContaining(northSite),
      context: { kind: 'member', userId: demo.users.securityAnalyst },
      values: { org_unit_id: northSite },
    })
    const policies = body['policies'] as { isDeciding: boolean; clauses: { holds: boolean }[] }[]
    const deciding = policies.find(({ isDeciding }) => isDeciding)
    expect(deciding?.clauses.some(({ holds }) => !holds)).toBe(true)
  })

  it('without a context says that it is missing', async () => {
    const key = await assetOf(security)
    const { body } = await explain('securityAdmin', { key, as: 'none' })
    expect(body).toMatchObject({ verdict: 'context-missing', reason: 'context-required' })
  })

  it('names a privilege that nobody of the tenant has', async () => {
    const key = demo.tenants.security
    const reply = await explain('securityAdmin', {
      table: 'core.tenants',
      key,
      command: 'DELETE',
    })
    expect(reply.body).toMatchObject({ verdict: 'no-privilege', reason: 'missing-table-grant' })
  })

  it('for others is for who has the capability, and for members of the tenant', async () => {
    const key = await assetOf(security)
    expect((await explain('securityAnalyst', { key, ...member })).status).toBe(403)
    expect((await explain('securityAnalyst', { key })).status).toBe(200)
    const pupil = { as: 'member', userId: demo.users.schoolPupil }
    expect((await explain('securityAdmin', { key, ...pupil })).status).toBe(404)
  })

  it.each<[string, Question, number]>([
    ['no declared table', { table: 'pg_catalog.pg_authid', key: randomUUID() }, 404],
    ['an id that is none', { key: 'x' }, 400],
    ['half a key', { table: 'notify.preferences', key: randomUUID() }, 400],
    ['too long a key', { key: ['a', 'b'] }, 400],
    ['no key', {}, 400],
    ['a member who is not named', { key: randomUUID(), as: 'member' }, 400],
    ['a member beside own eyes', { key: randomUUID(), userId: randomUUID() }, 400],
    ['too much', { key: 'x'.repeat(201) }, 400],
  ])('is refused for %s', async (_what, body, status) => {
    expect((await explain('securityAdmin', body)).status).toBe(status)
  })

  it('is given in production too, and recorded', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const reply = await explain('securityAdmin', { key: demoId('sec.assets', 1, 1) })
    vi.unstubAllEnvs()
    expect(reply.status).toBe(200)
    const { rows } = await api.database.admin.query<{ action: string }>(
      `select action from ops.audit_log where tenant_id = $1 order by chain_position desc limit 1`,
      [security],
    )
    expect(rows).toEqual([{ action: 'row.explain' }])
  })

  it('can be asked of every declared table, with its columns', async () => {
    const { body } = await api.call('securityAnalyst', 'GET', '/explain/tables')
    const items = body['items'] as { name: string; columns: { name: string; isKey: boolean }[] }[]
    expect(items.length).toBeGreaterThan(45)
    expect(items.every(({ columns }) => columns.some(({ isKey }) => isKey))).toBe(true)
  })
})

describe('an auditor in a live window', () => {
  it('asks with their own eyes, which the log of the tenant records', async () => {
    const reply = await explain('auditorLive', { key: await assetOf(security) })
    expect(reply).toMatchObject({
      status: 200,
      body: {
        verdict: 'allowed',
        isVisibleToCaller: true,
        context: { kind: 'own', mode: 'auditor', userId: demo.users.auditor },
      },
    })
    expect(Object.keys(reply.body['values'] ?? {})).not.toContain('serial_number')
    const { rows } = await api.database.admin.query<{ action: string; actor_role: string }>(
      `select action, actor_role from ops.audit_log where tenant_id = $1
       order by chain_position desc limit 1`,
      [security],
    )
    expect(rows).toEqual([{ action: 'row.explain', actor_role: 'auditor' }])
  })

  it('learns nothing of other tenants, and cannot borrow the eyes of a member', async () => {
    const theirs = await explain('auditorLive', { key: await assetOf(school) })
    const nobodys = await explain('auditorLive', { key: randomUUID() })
    expect(theirs.text).toBe(nobodys.text)
    expect((await explain('auditorLive', { key: randomUUID(), ...member })).status).toBe(403)
    const tables = await api.call('auditorLive', 'GET', '/explain/tables')
    expect(tables.status).toBe(200)
  })

  it('asks nothing when the window is over', async () => {
    const reply = await explain('auditorExpired', { key: await assetOf(school) })
    expect(reply.status).toBeGreaterThanOrEqual(401)
    expect(reply.status).toBeLessThan(500)
  })
})
