import type { CompiledQuery } from 'kysely'
import { Kysely, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseTenantContext, withContext } from 'watertight/runtime'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { claimsOf, ids, keys, openAttackedShop } from '../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../test/attacked-shop.js'
import { TenantDialect, tenantPredicatePlugin } from './kysely.js'

interface Database {
  products: { id: string; tenant_id: string; sku: string; title: string; cost: string | null }
  reviews: { id: string; tenant_id: string; product_id: string; body: string }
  orders: { id: string; tenant_id: string; note: string | null }
  order_lines: { id: string; order_id: string; quantity: number }
  users: { id: string; email: string }
}

type Db = Kysely<Database>

const cases: readonly {
  readonly name: string
  /** Tables, in the order of their predicates, as the statement names them. */
  readonly predicates: readonly string[]
  readonly query: (db: Db) => { compile(): CompiledQuery; execute(): Promise<unknown> }
}[] = [
  {
    name: 'a list',
    predicates: ['"shop"."products"'],
    query: (db) => db.selectFrom('products').select('title').orderBy('title'),
  },
  {
    name: 'a condition with a raw OR',
    predicates: ['"shop"."products"'],
    query: (db) =>
      db
        .selectFrom('products')
        .select('title')
        .where(sql<boolean>`sku = 'a1' or sku = 'g1'`)
        .orderBy('title'),
  },
  {
    name: 'an alias, an inner and a left join',
    predicates: ['"r"', '"o"', '"p"'],
    query: (db) =>
      db
        .selectFrom('products as p')
        .innerJoin('reviews as r', 'r.product_id', 'p.id')
        .leftJoin('orders as o', 'o.note', 'p.sku')
        .select(['p.title', 'r.body', 'o.id'])
        .orderBy('p.title'),
  },
  {
    name: 'a right join, which null-extends what stands before it',
    predicates: ['"p"'],
    query: (db) =>
      db
        .selectFrom('orders as o')
        .rightJoin('products as p', 'p.sku', 'o.note')
        .select(['p.title', 'o.id'])
        .orderBy('p.title'),
  },
  {
    name: 'a full join',
    predicates: ['"o"'],
    query: (db) =>
      db
        .selectFrom('products as p')
        .fullJoin('orders as o', 'o.note', 'p.sku')
        .select(['p.title', 'o.note'])
        .orderBy('p.title')
        .orderBy('o.note'),
  },
  {
    name: 'a cross join and an aggregate',
    predicates: ['"shop"."products"', '"shop"."orders"'],
    query: (db) =>
      db
        .selectFrom('products')
        .crossJoin('orders')
        .select(({ fn }) => fn.countAll().as('n')),
  },
  {
    name: 'subqueries: in FROM, in a condition, correlated in the list',
    predicates: ['"shop"."reviews"', '"inner"', '"shop"."products"'],
    query: (db) =>
      db
        .selectFrom((from) => from.selectFrom('products as inner').selectAll().as('p'))
        .select((eb) => [
          'p.title',
          eb
            .selectFrom('reviews')
            .select(({ fn }) => fn.countAll().as('n'))
            .whereRef('reviews.product_id', '=', 'p.id')
            .as('reviews'),
        ])
        .where('p.id', 'in', (in_) => in_.selectFrom('products').select('id'))
        .orderBy('p.title'),
  },
  {
    name: 'a CTE that has the name of a table',
    predicates: ['"p"'],
    query: (db) =>
      db
        .with('reviews', (cte) => cte.selectFrom('products as p').select(['p.id', 'p.title']))
        .selectFrom('reviews')
        .select('title')
        .orderBy('title'),
  },
  {
    name: 'a union',
    predicates: ['"shop"."products"', '"shop"."reviews"'],
    query: (db) =>
      db
        .selectFrom('products')
        .select('title as word')
        .union(db.selectFrom('reviews').select('body as word'))
        .orderBy('word'),
  },
  {
    name: 'tables that have no tenant column of their own',
    predicates: [],
    query: (db) =>
      db
        .selectFrom('order_lines as l')
        .leftJoin('users as u', (join) => join.onTrue())
        .select(['l.id', 'u.email'])
        .orderBy('l.id')
        .orderBy('u.email'),
  },
  {
    name: 'an update with a FROM',
    predicates: ['"shop"."products"', '"r"'],
    query: (db) =>
      db
        .updateTable('products')
        .from('reviews as r')
        .set({ cost: '7' })
        .whereRef('r.product_id', '=', 'products.id')
        .returning('products.title'),
  },
  {
    name: 'a delete with USING',
    predicates: ['"shop"."reviews"', '"p"'],
    query: (db) =>
      db
        .deleteFrom('reviews')
        .using('products as p')
        .whereRef('reviews.product_id', '=', 'p.id')
        .where('p.sku', '=', 'none')
        .returning('reviews.body'),
  },
]

describe('the tenant predicate of Kysely', () => {
  let shop: AttackedShop
  let pool: pg.Pool
  let tx: TxManager
  let plain: Db
  let predicated: Db
  let ann: TenantContext

  beforeAll(async () => {
    shop = await openAttackedShop(18)
    pool = new pg.Pool({ connectionString: shop.urlFor(shop.roleOf('app')), max: 2 })
    tx = createTxManager({ pools: { app: pgDriver(pool) }, signingKey: keys.current })
    const dialect = new TenantDialect(tx)
    const plugins = [tenantPredicatePlugin(shop.model)]
    plain = new Kysely<Database>({ dialect }).withSchema('shop')
    predicated = new Kysely<Database>({ dialect, plugins }).withSchema('shop')
    const { t, u, e } = claimsOf('app')
    ann = parseTenantContext({
      mode: 'member',
      tenantId: String(t),
      userId: String(u),
      orgScope: 'all',
      expiresAt: Number(e),
    })
  })
  afterAll(async () => {
    await pool.end()
    await shop.drop()
  })

  it.each(cases)('changes no result of $name', async ({ query }) => {
    await withContext(ann, async () => {
      expect(await query(predicated).execute()).toEqual(await query(plain).execute())
    })
  })

  it.each(cases)('stands at each tenant table of $name', ({ query, predicates }) => {
    const compiled = withContext(ann, () => query(predicated).compile())
    const found = [...compiled.sql.matchAll(/((?:"\w+"\.)?"\w+")\."(?:tenant_id|id)" = \$\d+/g)]
    expect(found.map(([, table]) => table).toSorted()).toEqual([...predicates].toSorted())
    expect(compiled.parameters.filter((value) => value === ids.acme)).toHaveLength(
      predicates.length,
    )
  })

  it('keeps what was asked for in parentheses', () => {
    const compiled = withContext(ann, () =>
      predicated
        .selectFrom('products')
        .select('sku')
        .where(sql<boolean>`true or sku = ''`)
        .compile(),
    )
    expect(compiled.sql).toBe(
      `select "sku" from "shop"."products" where "shop"."products"."tenant_id" = $1 and (true or sku = '')`,
    )
  })

  it('is of the context around the call, and absent without one', () => {
    const query = predicated.selectFrom('products').select('sku')
    expect(query.compile().parameters).toEqual([])
    expect(withContext(ann, () => query.compile().parameters)).toEqual([ids.acme])
  })

  it('is of the handle that the dialect has, where there is one', async () => {
    const handle = tx.as(ann)
    const plugins = [tenantPredicatePlugin(shop.model, { handle })]
    const db: Db = new Kysely({ dialect: new TenantDialect(handle), plugins })
    const query = db.withSchema('shop').selectFrom('products').select('sku')
    expect(query.compile().parameters).toEqual([ids.acme])
    expect(await query.execute()).toHaveLength(2)
  })

  it('can only hide rows when a statement is compiled for one tenant and run for another', async () => {
    const compiled = withContext(ann, () =>
      predicated.selectFrom('products').select('sku').compile(),
    )
    const { t, u, e } = claimsOf('app', 'globex')
    const gil = parseTenantContext({
      mode: 'member',
      tenantId: String(t),
      userId: String(u),
      orgScope: 'all',
      expiresAt: Number(e),
    })
    const { rows } = await withContext(gil, () => plain.executeQuery(compiled))
    expect(rows).toEqual([])
  })

  it('is left out where a user has many tenants', () => {
    const model = defineTenancy({
      tenantKey: { table: 'shop.tenants' },
      context: {
        kind: 'membership',
        user: { guc: 'app.user_id' },
        via: { table: 'shop.memberships', user: 'user_id', tenant: 'tenant_id' },
      },
      roles: { prefix: 'p' },
      schemas: ['shop'],
      tables: { 'shop.products': { scope: 'tenant' } },
    })
    const db = plain.withPlugin(tenantPredicatePlugin(model))
    const compiled = withContext(ann, () => db.selectFrom('products').select('sku').compile())
    expect(compiled.parameters).toEqual([])
  })

  it('leaves controlled transactions and their savepoints as they are', async () => {
    await withContext(ann, async () => {
      const started = await predicated.startTransaction().setAccessMode('read write').execute()
      const saved = await started.savepoint('before').execute()
      await saved.updateTable('products').set({ cost: '9' }).execute()
      const back = await saved.rollbackToSavepoint('before').execute()
      await back.releaseSavepoint('before').execute()
      await back.updateTable('products').set({ cost: '1' }).execute()
      await back.commit().execute()
      const rows = await predicated.selectFrom('products').select(['title', 'cost']).execute()
      expect(rows.map(({ title }) => title).toSorted()).toEqual(['anvil', 'rocket'])
      expect(rows.map(({ cost }) => cost)).toEqual(['1', '1'])
    })
  })

  it('streams under the context, inside and outside of a transaction', async () => {
    const titlesOf = async (db: Db): Promise<string[]> => {
      const titles: string[] = []
      const stream = db.selectFrom('products').select('title').orderBy('title').stream(1)
      for await (const { title } of stream) titles.push(title)
      return titles
    }
    await withContext(ann, async () => {
      expect(await titlesOf(predicated)).toEqual(['anvil', 'rocket'])
      await predicated.transaction().execute(async (inside) => {
        expect(await titlesOf(inside)).toEqual(['anvil', 'rocket'])
      })
    })
    await expect(titlesOf(predicated)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
  })
})
