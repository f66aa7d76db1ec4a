import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { grants, ids, openAttackedShop, ownersQuery } from '../../../../../test/attacked-shop.js'
import type { AttackedRole, AttackedShop } from '../../../../../test/attacked-shop.js'
import type { RawClaims } from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'

/** Contexts that claim acme without a live grant of the mode to it. */
const worthless: readonly (readonly [string, AttackedRole, RawClaims])[] = [
  ['a revoked grant', 'auditor', { g: grants.revoked }],
  ['an expired grant', 'auditor', { g: grants.expired }],
  ['a grant that has not started', 'auditor', { g: grants.future }],
  ['a grant to another person', 'auditor', { g: grants.anns }],
  ['a grant to another tenant', 'auditor', { g: grants.globexAudit }],
  ['a grant to another tenant', 'platform', { g: grants.globexRead }],
  ['a platform grant as auditor', 'auditor', { g: grants.write }],
  ['an auditor grant as platform', 'platform', { g: grants.audit }],
  ['no grant', 'auditor', { g: undefined }],
  ['no grant', 'platform', { g: undefined }],
  ['a grant that does not exist', 'auditor', { g: ids.sam }],
  ['no user', 'auditor', { u: undefined }],
  ['another user', 'platform', { u: ids.ann }],
  ['no tenant', 'auditor', { t: undefined }],
  ['no tenant', 'platform', { t: undefined }],
]

/** Expressions that would read a redacted column of the table itself. */
const redactedReads: readonly string[] = [
  'select cost from shop.products',
  'select * from shop.products',
  'select products from shop.products',
  'select p.* from shop.products p',
  'select products::text from shop.products',
  'select to_jsonb(p) from shop.products p',
  'select row_to_json(p) from shop.products p',
  'select (p).cost from shop.products p',
  'select count(cost) from shop.products',
  'select count(p) from shop.products p',
  'select sum(cost) from shop.products',
  'select id from shop.products order by cost',
  'select id from shop.products where cost > 0',
  'select id from shop.products group by id, cost',
  'select id from shop.products where exists (select cost)',
  'select id from shop.products p where p is not null',
  'select id from shop.products p join (values (11.25)) v (cost) using (cost)',
  'select id from shop.products natural join (values (11.25)) v (cost)',
  'select rank() over (order by cost) from shop.products',
  'select (select p.cost) from shop.products p',
  'copy shop.products to stdout',
  'copy shop.products (cost) to stdout',
  'table shop.products',
  'select distinct on (cost) id from shop.products',
  'select max(p.cost) filter (where true) from shop.products p',
  'select id from shop.products for update',
  'update shop.products set title = title returning cost',
  'delete from shop.products returning cost',
  'select jsonb_agg(p) from shop.products p',
  'create temp view v as select cost from shop.products; table v',
  'create temp table copied as select * from shop.products',
  'select card_number from shop.orders',
  'select * from shop.recent_orders',
  'select cost from shop.products where false',
  'explain select cost from shop.products',
  'prepare p as select cost from shop.products; execute p',
]

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  const clients = {} as Record<AttackedRole, pg.Client>
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const)
      clients[mode] = await shop.as(mode)
  })
  afterAll(() => shop.drop())
  beforeEach(async () => {
    for (const client of Object.values(clients)) await client.query('rollback')
  })

  async function enter(mode: AttackedRole, claims: RawClaims = {}): Promise<pg.Client> {
    const client = clients[mode]
    await client.query('begin')
    await client.query('select set_config($1, $2, true)', [
      'watertight.context',
      shop.token(mode, claims),
    ])
    return client
  }

  async function tenantsSeen(mode: AttackedRole): Promise<readonly string[]> {
    const { rows } = await clients[mode].query<{ tenant: string }>(
      ownersQuery(await shop.readableBy(mode)),
    )
    return [...new Set(rows.map(({ tenant }) => tenant))]
      .filter((tenant) => tenant !== ids.bea)
      .sort()
  }

  async function codeOf(client: pg.Client, statement: string): Promise<string> {
    await client.query('savepoint attempt')
    const code = await client.query(statement).then(
      ({ rowCount }) => `${rowCount} rows`,
      (error: pg.DatabaseError) => error.code ?? '',
    )
    await client.query('rollback to attempt')
    return code
  }

  it.each(['auditor', 'platform'] as const)(
    'a live grant opens its tenant to the %s role, and revoking it closes it within the transaction',
    async (mode) => {
      const grant = mode === 'auditor' ? grants.audit : grants.write
      await enter(mode)
      expect(await tenantsSeen(mode)).toEqual([ids.acme])
      for (const change of [
        'revoked_at = now()',
        `expires_at = now()`,
        `starts_at = now() + interval '1 hour'`,
        `grantee_id = '${ids.gil}'`,
        `tenant_id = '${ids.globex}'`,
      ]) {
        await shop.admin.query(
          `create temp table kept as select * from shop.access_grants where id = '${grant}'`,
        )
        await shop.admin.query(`update shop.access_grants set ${change} where id = '${grant}'`)
        expect([change, await tenantsSeen(mode)]).toEqual([change, []])
        await shop.admin.query(`delete from shop.access_grants where id = '${grant}'`)
        expect(await tenantsSeen(mode)).toEqual([])
        await shop.admin.query('insert into shop.access_grants table kept; drop table kept')
        expect(await tenantsSeen(mode)).toEqual([ids.acme])
      }
    },
  )

  it.each(worthless)('%s opens nothing to the %s role', async (_name, mode, claims) => {
    const client = await enter(mode, claims)
    expect(await tenantsSeen(mode)).toEqual([])
    const insert = `insert into shop.products (tenant_id, sku, title) values ('${ids.acme}', 'x', 'x')`
    expect(await codeOf(client, insert)).toBe('42501')
  })

  it('a grant without can_write reads and does not write; one with it writes to its tenant only', async () => {
    const client = await enter('platform', { g: grants.read })
    const insert = (tenant: string): string =>
      `insert into shop.products (tenant_id, sku, title) values ('${tenant}', 'x', 'x')`
    expect(await tenantsSeen('platform')).toEqual([ids.acme])
    expect(await codeOf(client, insert(ids.acme))).toBe('42501')
    expect(await codeOf(client, `update shop.products set title = 'x'`)).toBe('0 rows')
    expect(await codeOf(client, 'delete from shop.line_notes')).toBe('0 rows')
    await client.query('rollback')
    await enter('platform')
    expect(await codeOf(client, insert(ids.acme))).toBe('1 rows')
    expect(await codeOf(client, insert(ids.globex))).toBe('42501')
    expect(await codeOf(client, `update shop.products set tenant_id = '${ids.globex}'`)).toBe(
      '42501',
    )
    expect(await codeOf(client, 'delete from shop.line_notes')).toBe('2 rows')
  })

  it('a row that names no tenant belongs to the tenant of the grant, if the grant allows writing', async () => {
    const insert = `insert into shop.products (sku, title) values ('x', 'x') returning tenant_id`
    const writing = await enter('platform')
    expect((await writing.query(insert)).rows).toEqual([{ tenant_id: ids.acme }])
    await writing.query('rollback')
    expect(await codeOf(await enter('platform', { g: grants.read }), insert)).toBe('42501')
    expect((await (await enter('app')).query(insert)).rows).toEqual([{ tenant_id: ids.acme }])
  })

  it('no grant can prolong itself or make another', async () => {
    const client = await enter('platform')
    for (const statement of [
      `update shop.access_grants set expires_at = 'infinity'`,
      'update shop.access_grants set revoked_at = null',
      'delete from shop.access_grants',
      `insert into shop.access_grants (tenant_id, grantee_id, mode, expires_at) values ('${ids.globex}', '${ids.sam}', 'platform', 'infinity')`,
      `insert into shop.access_grants select * from shop.access_grants on conflict (id) do update set expires_at = 'infinity'`,
      'select from shop.access_grants for update',
      'truncate shop.access_grants',
    ])
      expect([statement, await codeOf(client, statement)]).toEqual([statement, '42501'])
  })

  it('an auditor reads the redacted view, and the redacted columns by no expression', async () => {
    const client = await enter('auditor')
    const { rows } = await client.query('select title, cost from shop.products_redacted order by 1')
    expect(rows).toEqual([
      { title: 'anvil', cost: null },
      { title: 'rocket', cost: null },
    ])
    const orders = await client.query(
      'select note, card_number from shop.orders_redacted order by 1',
    )
    expect(orders.rows).toEqual([
      { note: 'leaf', card_number: null },
      { note: 'root', card_number: null },
    ])
    for (const statement of redactedReads)
      expect([statement, await codeOf(client, statement)]).toEqual([statement, '42501'])
    const stats = await client.query(
      `select attname from pg_stats where schemaname = 'shop' and attname in ('cost', 'card_number')`,
    )
    expect(stats.rows).toEqual([])
    expect(await codeOf(client, 'select count(*), min(id::text) from shop.products')).toBe('1 rows')
  })

  it('an auditor writes nothing', async () => {
    const client = await enter('auditor')
    for (const name of await shop.readableBy('app')) {
      const relation = `shop."${name.replaceAll('"', '""')}"`
      for (const statement of [
        `delete from ${relation}`,
        `insert into ${relation} default values`,
        `truncate ${relation}`,
      ])
        expect([statement, await codeOf(client, statement)]).toEqual([statement, '42501'])
    }
  })

  it('the public role sees published rows, their columns and their children, and nothing else', async () => {
    const client = await enter('public')
    expect((await client.query('select title from shop.products order by 1')).rows).toEqual([
      { title: 'anvil' },
      { title: 'ray' },
    ])
    expect(
      (await client.query('select title from shop.products_public order by 1')).rows,
    ).toHaveLength(2)
    expect((await client.query('select body from shop.reviews order by 1')).rows).toEqual([
      { body: 'anvil' },
      { body: 'ray' },
    ])
    for (const statement of [
      'select tenant_id from shop.products',
      'select sku from shop.products',
      'select * from shop.products',
      'select products from shop.products',
      'select id from shop.products order by cost',
      `select id from shop.products where status = 'draft'`,
      'select tenant_id from shop.reviews',
      'select author_id from shop.reviews',
      'table shop.currencies',
      'table shop.recent_orders',
      'table shop.recent_lines',
      'table shop.products_redacted',
      'update shop.products set title = title',
      'delete from shop.reviews',
    ])
      expect([statement, await codeOf(client, statement)]).toEqual([statement, '42501'])
    for (const name of (await shop.readableBy('app')).filter(
      (table) => !['products', 'reviews'].includes(table),
    ))
      expect([
        name,
        await codeOf(client, `select from shop."${name.replaceAll('"', '""')}"`),
      ]).toEqual([name, '42501'])
    await client.query('rollback')
    expect((await client.query('select title from shop.products')).rows).toEqual([])
    expect((await client.query('select body from shop.reviews')).rows).toEqual([])
  })

  it('append-only tables take rows and give none up, whoever asks', async () => {
    const changes = [
      `update shop.events set payload = '1'`,
      'delete from shop.events',
      'truncate shop.events',
      `update shop.events_2026 set payload = '1'`,
      'delete from shop.events_2026',
      'truncate shop.events_rest',
      `insert into shop.events (id, at, tenant_id) overriding system value values (1, '2026-06-01', '${ids.acme}') on conflict (id, at) do update set payload = '1'`,
      `merge into shop.events e using (values (1)) v on true when matched then delete`,
      `merge into shop.events e using (values (1)) v on true when matched then update set payload = '1'`,
      'select from shop.events for update',
      `with gone as (delete from shop.events returning *) select * from gone`,
    ]
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
      const client = await enter(mode)
      for (const statement of changes)
        expect([mode, statement, await codeOf(client, statement)]).toEqual([
          mode,
          statement,
          '42501',
        ])
      const insert = `insert into shop.events (tenant_id) values ('${ids.acme}')`
      expect(await codeOf(client, insert)).toBe(
        mode === 'auditor' || mode === 'public' ? '42501' : '1 rows',
      )
    }
    await shop.admin.query('begin')
    for (const statement of [
      'truncate shop.events',
      'truncate shop.events_2026',
      'truncate shop.events_rest',
    ])
      expect([statement, await codeOf(shop.admin, statement)]).toEqual([statement, '42501'])
    await shop.admin.query('rollback')
  })
})
