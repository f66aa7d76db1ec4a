import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { check } from '@watertight/verifier'
import { readCatalog } from 'watertight/catalog'
import type { RuntimeRole } from 'watertight/model'
import { parseTenantContext, signContext } from 'watertight/runtime'
import type { TenantContextInput, TxManager } from 'watertight/runtime'
import { createPlatformDatabase } from '../test/platform-database.js'
import type { PlatformDatabase } from '../test/platform-database.js'
import { roleUrls } from '../test/role-urls.js'
import { openTxManager } from './boot/open-tx-manager.js'
import type { OpenTxManager } from './boot/open-tx-manager.js'
import { demo } from './demo-data/index.js'
import { platformDisclosures } from './disclosures.js'
import { endingDisclosures, eraserDisclosures } from './tenants/erasure-disclosures.js'

let platform: PlatformDatabase
let opened: OpenTxManager
let tx: TxManager

beforeAll(async () => {
  platform = await createPlatformDatabase(18)
  opened = await openTxManager(roleUrls(platform), platform.signingKey, 1)
  tx = opened.tx
}, 600_000)
afterAll(async () => {
  await opened.close()
  await platform.drop()
})

async function ask<Row = Record<string, unknown>>(
  context: TenantContextInput,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await tx.query<Row>(parseTenantContext(context), text, values)
  return rows
}

async function asOwner<Row = Record<string, unknown>>(
  text: string,
  values: unknown[] = [],
): Promise<readonly Row[]> {
  return (await platform.admin.query(text, values)).rows as Row[]
}

const { tenants, users } = demo
const anyone: TenantContextInput = { mode: 'public' }
const outside = (userId: string): TenantContextInput => ({ mode: 'member', tenantId: null, userId })
const staff = (userId: string): TenantContextInput => ({ mode: 'platform', userId })
const searching: TenantContextInput = { mode: 'worker', tenantId: null }
const issuer = 'https://login.watertight.example'

describe('a person', () => {
  const find = 'select core.user_of_identity($1, $2) as id'

  it('is found by exactly the identity of a token', async () => {
    expect(await ask(anyone, find, [issuer, 'ada'])).toEqual([{ id: users.securityAdmin }])
    for (const values of [
      [issuer, 'a%'],
      [issuer, 'ADA'],
      ['%', '%'],
      [issuer, null],
      [null, null],
      ['https://login.other.example', 'ada'],
    ]) {
      expect(await ask(anyone, find, values)).toEqual([{ id: null }])
    }
  })

  it('is not found while disabled', async () => {
    await asOwner(`update core.users set status = 'disabled' where id = $1`, [users.visitor])
    expect(await ask(anyone, find, [issuer, 'yuki'])).toEqual([{ id: null }])
    expect(await ask(outside(users.visitor), 'select * from core.own_tenants()')).toEqual([])
    await asOwner(`update core.users set status = 'active' where id = $1`, [users.visitor])
  })
})

describe('a user outside of any tenant', () => {
  it('sees the tenants that they are a member of, and as what', async () => {
    expect(
      await ask(
        outside(users.schoolAndEvents),
        'select id, slug, role from core.own_tenants() order by id',
      ),
    ).toEqual([
      { id: tenants.school, slug: expect.any(String), role: 'member' },
      { id: tenants.events, slug: expect.any(String), role: 'member' },
    ])
    expect(await ask(outside(users.formerAnalyst), 'select * from core.own_tenants()')).toEqual([])
  })

  it('sees the grants of their own that have not ended', async () => {
    const list = 'select tenant_id, mode from core.own_access_grants() order by tenant_id'
    expect(await ask(outside(users.auditor), list)).toEqual([
      { tenant_id: tenants.security, mode: 'auditor' },
    ])
    expect(await ask(staff(users.platformSupport), list)).toHaveLength(3)
    expect(await ask(outside(users.schoolAdmin), list)).toEqual([])
  })

  it('reaches rows of that user and no row of a tenant', async () => {
    const me = outside(users.schoolAdmin)
    expect(await ask(me, 'select id from core.users')).toEqual([{ id: users.schoolAdmin }])
    for (const table of ['core.tenants', 'core.memberships', 'sec.assets', 'eval.sessions']) {
      expect(await ask(me, `select 1 from ${table}`)).toEqual([])
    }
  })

  it('asks for an organisation, and cannot approve it with the asking', async () => {
    const add = `insert into core.organization_requests (requested_by, organization_name, slug, status, decided_at, decided_by)
      values ($1, 'Mine', $2, $3, $4, $5)`
    const me = outside(users.schoolManager)
    await ask(me, add, [users.schoolManager, 'mine', 'pending', null, null])
    const approved = [users.schoolManager, 'mine-2', 'approved', new Date(), users.platformLead]
    await expect(ask(me, add, approved)).rejects.toMatchObject({
      cause: expect.objectContaining({ code: '42501' }),
    })
    // What refuses it is the trigger: without it a member writes the decision themselves.
    await asOwner('alter table core.organization_requests disable trigger user')
    await ask(me, add, approved)
    await asOwner('alter table core.organization_requests enable trigger user')
    await asOwner(`delete from core.organization_requests where slug like 'mine%'`)
  })
})

describe('an API key', () => {
  const find = 'select id, tenant_id, scopes from core.api_key_of($1)'

  it('names its tenant while it lives', async () => {
    expect(await ask(anyone, find, ['wt_securit1'])).toEqual([
      { id: expect.any(String), tenant_id: tenants.security, scopes: ['assets:write'] },
    ])
    for (const prefix of ['wt_securit2', 'wt_securit_', '%', 'wt_nothing1', null]) {
      expect(await ask(anyone, find, [prefix])).toEqual([])
    }
  })

  it('opens nothing when another tenant holds a copy of its hash', async () => {
    await asOwner(
      `insert into core.api_keys (id, tenant_id, name, prefix, key_hash, created_by)
       select gen_random_uuid(), $1, 'copy', prefix, key_hash, $2
       from core.api_keys where tenant_id = $3 and prefix = 'wt_securit1'`,
      [tenants.school, users.schoolAdmin, tenants.security],
    )
    expect(await ask(anyone, find, ['wt_securit1'])).toEqual([])
    await asOwner(`delete from core.api_keys where name = 'copy'`)
  })

  it('and an invitation open nothing of a suspended tenant', async () => {
    const [invitation] = await asOwner<{ hash: Buffer }>(
      `select token_hash as hash from core.invitations where tenant_id = $1 and accepted_at is null`,
      [tenants.security],
    )
    const open = 'select tenant_id, email, org_unit_id from core.invitation_of($1)'
    const found = [expect.objectContaining({ tenant_id: tenants.security })]
    expect(await ask(anyone, open, [invitation?.hash])).toEqual(found)
    expect(await ask(outside(users.visitor), open, [invitation?.hash])).toEqual(found)
    expect(await ask(anyone, open, [invitation?.hash.subarray(1)])).toEqual([])
    const status = 'update core.tenants set status = $1, suspended_at = $2 where id = $3'
    await asOwner(status, ['suspended', new Date(), tenants.security])
    expect(await ask(anyone, open, [invitation?.hash])).toEqual([])
    expect(await ask(anyone, find, ['wt_securit1'])).toEqual([])
    expect(
      await ask(searching, `select * from ops.tenants_with_work('outbox')`),
    ).not.toContainEqual({ tenant_id: tenants.security })
    await asOwner(status, ['active', null, tenants.security])
  })
})

describe('platform staff', () => {
  const list =
    'select id, created_at from core.tenant_directory($1, $2, $3, $4, $5) order by created_at desc, id desc'

  it('page through all tenants, and nobody else does', async () => {
    const me = staff(users.platformSupport)
    const newest = [null, '-createdAt', null, null]
    const all = await ask<{ id: string; created_at: Date }>(me, list, [...newest, 100])
    expect(all.map(({ id }) => id).sort()).toEqual(Object.values(tenants).sort())
    const [first, ...rest] = all
    const after = ['active', '-createdAt', first?.created_at.toISOString(), first?.id, 100]
    expect(await ask(me, list, after)).toEqual(rest)
    expect(await ask(me, list, [...newest, -1])).toEqual([])
    expect(await ask(staff(users.schoolAdmin), list, [...newest, 100])).toEqual([])
    const requests = 'select * from core.organization_requests_for_platform()'
    expect(await ask(me, requests)).not.toEqual([])
    expect(await ask(staff(users.schoolAdmin), requests)).toEqual([])
  })

  it('decide a pending request of somebody else once', async () => {
    const decide = 'select id, slug, status from core.decide_organization_request($1, $2, $3)'
    const lead = staff(users.platformLead)
    const add = `insert into core.organization_requests (requested_by, organization_name, slug)
      values ($1, 'New', $2) returning id`
    const [request] = await asOwner<{ id: string }>(add, [users.schoolPupil, 'new'])
    const [own] = await asOwner<{ id: string }>(add, [users.platformLead, 'own'])
    const values = [request?.id, 'approved', 'welcome']
    expect(await ask(staff(users.schoolAdmin), decide, values)).toEqual([])
    expect(await ask(lead, decide, [request?.id, 'pending', null])).toEqual([])
    expect(await ask(lead, decide, [own?.id, 'approved', null])).toEqual([])
    expect(await ask(lead, decide, values)).toEqual([
      { id: request?.id, slug: 'new', status: 'approved' },
    ])
    expect(await ask(lead, decide, values)).toEqual([])
    expect(
      await asOwner('select status, decided_by from core.organization_requests where id = $1', [
        request?.id,
      ]),
    ).toEqual([{ status: 'approved', decided_by: users.platformLead }])
  })
})

describe('a worker that looks for work', () => {
  it.each(['outbox', 'deliveries', 'exports', 'reservations', 'waitlist'])(
    'is told tenants with due work in %s, and nothing else',
    async (queue) => {
      const found = await ask<object>(searching, 'select * from ops.tenants_with_work($1)', [queue])
      for (const row of found) expect(Object.keys(row)).toEqual(['tenant_id'])
    },
  )

  it('is told no more than it asks for, and nothing of queues that are none', async () => {
    await asOwner(
      `insert into ops.outbox (tenant_id, topic, payload) select id, 'a.b', '{}' from core.tenants`,
    )
    const find = 'select tenant_id from ops.tenants_with_work($1, $2)'
    const all = await ask<{ tenant_id: string }>(searching, find, ['outbox', 10])
    expect(all.map((row) => row.tenant_id).sort()).toEqual(Object.values(tenants).sort())
    expect(await ask(searching, find, ['outbox', 1])).toHaveLength(1)
    expect(await ask(searching, find, ['passwords', 10])).toEqual([])
    expect(await ask(searching, 'select 1 from ops.outbox')).toEqual([])
  })
})

describe('what is answered across tenants', () => {
  const calls: Readonly<Record<string, string>> = {
    'core.user_of_identity': `core.user_of_identity('${issuer}', 'ada')`,
    'core.own_tenants': 'core.own_tenants()',
    'core.own_access_grants': 'core.own_access_grants()',
    'core.api_key_of': `core.api_key_of('wt_securit1')`,
    'core.invitation_of': `core.invitation_of('')`,
    'core.tenant_directory': 'core.tenant_directory()',
    'core.organization_requests_for_platform': 'core.organization_requests_for_platform()',
    'core.decide_organization_request': `core.decide_organization_request('${users.visitor}', 'approved')`,
    'core.user_for_invitation': `core.user_for_invitation('${users.visitor}', 'i', 's', 'a@b.c', 'n')`,
    'core.change_own_profile': `core.change_own_profile('n', null)`,
    'ops.tenants_with_work': `ops.tenants_with_work('outbox')`,
  }
  const modes = ['app', 'public', 'auditor', 'worker', 'platform'] as const

  async function callWithoutArguments(name: string): Promise<string> {
    const [found] = await asOwner<{ call: string }>(
      `select format('%s(%s)', p.oid::regproc, (select string_agg('null::' || format_type(t, null), ', ')
         from unnest(p.proargtypes) as t)) as call
       from pg_proc p where p.oid = to_regproc($1)`,
      [name],
    )
    return found?.call ?? name
  }

  /** What a role is told under a context, or the SQLSTATE by which it is refused. */
  async function tell(mode: RuntimeRole, call: string, token = ''): Promise<unknown> {
    const client = await platform.connect(platform.role(mode))
    await client.query('begin')
    try {
      await client.query(`select set_config('watertight.context', $1, true)`, [token])
      const { rows } = await client.query<Record<string, unknown>>(
        `select * from ${call} as answer`,
      )
      return rows.filter((row) =>
        Object.values(row).some((value) => value !== null && value !== false),
      )
    } catch (error) {
      return (error as { code?: string }).code
    } finally {
      await client.end()
    }
  }

  const all = { ...platformDisclosures, ...endingDisclosures, ...eraserDisclosures('eraser') }

  it.each(Object.keys(all))(
    'by %s is refused to other roles and empty without a context',
    async (name) => {
      const executors: readonly string[] = all[name]?.modes ?? []
      const call = calls[name] ?? (await callWithoutArguments(name))
      const told = await Promise.all(modes.map((mode) => tell(mode, call)))
      expect(told).toEqual(modes.map((mode) => (executors.includes(mode) ? [] : '42501')))
    },
  )

  it('needs the context of its mode on the connection of that mode', async () => {
    const member = { mode: 'member', tenantId: tenants.security, userId: users.platformSupport }
    const token = signContext(parseTenantContext(member), platform.signingKey)
    for (const [mode, name] of [
      ['public', 'core.user_of_identity'],
      ['platform', 'core.tenant_directory'],
      ['worker', 'ops.tenants_with_work'],
    ] as const) {
      expect(await tell(mode, calls[name] ?? '', token)).toEqual([])
    }
  })

  it('is found to be as declared by the check, function by function', async () => {
    const now = (): Date => new Date()
    const { model, admin } = platform
    const { findings, graph } = await check(admin, { model, live: false, prove: false, now })
    expect(findings.filter(({ rule }) => rule === 'disclosure-exceeded')).toEqual([])
    const declared = graph.sources.filter(({ gate }) => gate === 'declared')
    const names = declared.map(({ object }) => object.slice(0, object.indexOf('(')))
    // What the eraser alone may call is no source of rows for any mode.
    const ofModes = Object.keys(all).filter((name) => (all[name]?.modes ?? []).length > 0)
    expect([...new Set(names)].sort()).toEqual(ofModes.sort())
  })

  it.each([
    [
      'a function that nobody declared',
      `create function core.everybody() returns setof uuid language sql security definer
         set search_path = pg_catalog, pg_temp as 'select u.id from core.users u'`,
      'security-definer-function:core.everybody()',
    ],
    [
      'a column that nobody declared',
      'grant select (phone) on core.users to {role}',
      'disclosure-exceeded:role {role}',
    ],
    [
      'a caller that nobody declared',
      'grant execute on function core.tenant_directory to public',
      'disclosure-exceeded:core.tenant_directory(wanted_status core.tenant_status, wanted_order text, after_key text, after_id uuid, page_size integer)',
    ],
  ])('is an error with %s', async (_what, change, key) => {
    const { model, admin } = platform
    const role = model.disclosures?.role ?? ''
    await admin.query('begin')
    await admin.query(change.replace('{role}', role))
    const catalog = await readCatalog(admin, { schemas: 'all' })
    await admin.query('rollback')
    const now = (): Date => new Date()
    const { findings } = await check(admin, { model, catalog, live: false, prove: false, now })
    const errors = findings.filter(({ severity }) => severity === 'error')
    expect(errors.map((finding) => finding.key)).toContain(key.replace('{role}', role))
  })

  it('is read by a role that cannot log in and reads no other column', async () => {
    const role = platform.model.disclosures?.role ?? ''
    expect(
      await asOwner('select rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname = $1', [
        role,
      ]),
    ).toEqual([{ rolcanlogin: false, rolsuper: false, rolbypassrls: false }])
    await platform.admin.query('begin')
    await platform.admin.query(`set local role ${role}`)
    await platform.admin.query('savepoint s')
    for (const column of ['core.users.phone', 'core.tenants.billing_email', 'ops.outbox.payload']) {
      const [schema, table, name] = column.split('.')
      await expect(
        platform.admin.query(`select ${name ?? ''} from ${schema ?? ''}.${table ?? ''}`),
      ).rejects.toMatchObject({ code: '42501' })
      await platform.admin.query('rollback to s')
    }
    await platform.admin.query('rollback')
  })
})
