import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseTenantContext } from 'watertight/runtime'
import type { Driver, TxManager } from 'watertight/runtime'
import { ids } from '../../../../test/attacked-shop.js'
import { openGeneratedShop } from '../../../../test/generated-shop.js'
import type { ContextKind, GeneratedShop } from '../../../../test/generated-shop.js'
import type { RowKey } from './index.js'
import { why } from './index.js'

const rows = `
insert into shop.tenants values ('${ids.acme}', 'acme'), ('${ids.globex}', 'globex');
insert into shop.users values ('${ids.ann}', 'ann'), ('${ids.al}', 'al'), ('${ids.gil}', 'gil');
insert into shop.memberships values ('${ids.ann}', '${ids.acme}'), ('${ids.al}', '${ids.acme}'),
  ('${ids.gil}', '${ids.globex}');
insert into shop.org_units values ('${ids.acmeRoot}', '${ids.acme}', null, 'root'),
  ('${ids.acmeLeaf}', '${ids.acme}', '${ids.acmeRoot}', 'leaf'),
  ('${ids.globexRoot}', '${ids.globex}', null, 'root');
insert into shop.products (id, tenant_id, sku, title) values
  ('${ids.acme}', '${ids.acme}', 'a', 'a'), ('${ids.globex}', '${ids.globex}', 'g', 'g');
insert into shop.orders (id, tenant_id, org_unit_id) values (1, '${ids.acme}', '${ids.acmeRoot}'),
  (2, '${ids.acme}', '${ids.acmeLeaf}'), (1000, '${ids.globex}', '${ids.globexRoot}');
insert into shop.preferences select user_id, tenant_id from shop.memberships;
create table shop.handmade (id int primary key, account text not null);
alter table shop.handmade enable row level security, force row level security;
create policy own on shop.handmade using (account = current_setting('app.tenant_id', true));
insert into shop.handmade values (1, '${ids.acme}'), (2, '${ids.globex}');
`

const context = parseTenantContext({
  mode: 'member',
  tenantId: ids.acme,
  userId: ids.ann,
  orgScope: 'unit',
  orgUnitId: ids.acmeLeaf,
})

describe.each<ContextKind>(['guc', 'jwt-claims', 'membership'])('under %s', (kind) => {
  let shop: GeneratedShop
  let tx: TxManager
  let diagnostic: Driver
  const pools: pg.Pool[] = []

  beforeAll(async () => {
    shop = await openGeneratedShop(kind)
    const { database, model } = shop
    await database.admin.query(rows)
    await database.admin.query(`grant select on shop.handmade to "${model.roles.app}"`)
    const driver = (connectionString: string): Driver => {
      const pool = new pg.Pool({ connectionString, max: 2 })
      pools.push(pool)
      return pgDriver(pool)
    }
    diagnostic = driver(database.url)
    const pool = driver(database.urlFor(model.roles.app))
    tx = createTxManager({ pools: { app: pool }, context: model.context })
  })

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await shop.database.drop()
  })

  const tenantClaim = kind === 'membership' ? 'tenant_ids' : 'tenant_id'
  it.each<[string, string, RowKey, object]>([
    ['a row of its own', 'shop.products', ids.acme, { outcome: 'allowed' }],
    [
      'a row of another tenant',
      'shop.products',
      ids.globex,
      { outcome: 'hidden', reason: 'other-tenant', claim: tenantClaim },
    ],
    ['no row', 'shop.products', ids.gil, { outcome: 'hidden', reason: 'row-not-found' }],
    [
      'a row of another user',
      'shop.preferences',
      { user_id: ids.al },
      { outcome: 'hidden', reason: 'other-user', claim: 'user_id' },
    ],
    ...(kind === 'guc'
      ? [
          [
            'another org unit',
            'shop.orders',
            1,
            { outcome: 'hidden', reason: 'outside-org-scope', claim: 'org_unit_ids' },
          ] satisfies [string, string, RowKey, object],
          [
            'a policy over the setting itself',
            'shop.handmade',
            2,
            { outcome: 'hidden', reason: 'other-tenant', claim: 'setting app.tenant_id' },
          ] satisfies [string, string, RowKey, object],
        ]
      : []),
  ])('%s', async (_, table, id, expected) => {
    const options = { diagnostic, source: shop.model.context }
    const answer = await why(tx, table, id, context, options)
    expect(answer).toMatchObject(expected)
    const blind = await why(tx, table, id, context, { source: shop.model.context })
    const isAllowed = answer.outcome === 'allowed'
    expect(blind.reason).toBe(isAllowed ? 'allowed' : 'row-not-found-or-hidden')
  })

  it('an insert for another tenant', async () => {
    const values = { tenant_id: ids.globex, sku: 'n', title: 'n' }
    const answer = await why(tx, 'shop.products', null, context, { values })
    expect(answer).toMatchObject({ outcome: 'refused', reason: 'other-tenant', claim: tenantClaim })
  })
})
