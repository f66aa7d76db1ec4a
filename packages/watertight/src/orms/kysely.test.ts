import type { Generated } from 'kysely'
import { CompiledQuery, Kysely } from 'kysely'
import type { OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'
import { TenantDialect, tenantPredicatePlugin } from './kysely.js'

interface Database {
  'shop.products': { id: string; tenant_id: Generated<string>; sku: string; title: string }
  'shop.reviews': { id: Generated<string>; product_id: string; body: string }
}

function operationsOf(db: Kysely<Database>): OrmOperations {
  return {
    async titles() {
      const rows = await db.selectFrom('shop.products').select('title').orderBy('sku').execute()
      return rows.map(({ title }) => title)
    },
    async titleOf(id) {
      const query = db.selectFrom('shop.products').select('title').where('id', '=', id)
      return (await query.executeTakeFirst())?.title ?? null
    },
    reviewsWithTitles: () =>
      db
        .selectFrom('shop.reviews as r')
        .leftJoin('shop.products as p', 'p.id', 'r.product_id')
        .select(['r.body', 'p.title'])
        .orderBy('r.body')
        .$castTo<{ body: string; title: string }>()
        .execute(),
    async countProducts() {
      const query = db.selectFrom('shop.products').select(({ fn }) => fn.countAll().as('rows'))
      return Number((await query.executeTakeFirstOrThrow()).rows)
    },
    async addProduct(product) {
      const query = db.insertInto('shop.products').values(product).returning('tenant_id')
      return (await query.executeTakeFirstOrThrow()).tenant_id
    },
    addProductOf: (tenant_id, product) =>
      db
        .insertInto('shop.products')
        .values({ ...product, tenant_id })
        .execute(),
    async retitle(id, title) {
      const query = db.updateTable('shop.products').set({ title }).where('id', '=', id)
      return Number((await query.executeTakeFirst()).numUpdatedRows)
    },
    moveTo: (id, tenant_id) =>
      db.updateTable('shop.products').set({ tenant_id }).where('id', '=', id).execute(),
    async remove(id) {
      const query = db.deleteFrom('shop.products').where('id', '=', id)
      return Number((await query.executeTakeFirst()).numDeletedRows)
    },
    async raw(text, values) {
      return (await db.executeQuery(CompiledQuery.raw(text, [...values]))).rows
    },
    async transaction(work) {
      if (!db.isTransaction) {
        return db.transaction().execute((inside) => work(operationsOf(inside)))
      }
      await db.executeQuery(CompiledQuery.raw('savepoint nested'))
      try {
        const result = await work(this)
        await db.executeQuery(CompiledQuery.raw('release savepoint nested'))
        return result
      } catch (error) {
        await db.executeQuery(CompiledQuery.raw('rollback to savepoint nested'))
        throw error
      }
    },
  }
}

const sqlStateOf = (error: unknown): unknown => (error as { code?: unknown }).code

describeOrm(
  'kysely',
  async ({ tx }) => {
    const db = new Kysely<Database>({ dialect: new TenantDialect(tx) })
    return { operations: operationsOf(db), close: () => db.destroy() }
  },
  { sqlStateOf },
)

describeOrm(
  'kysely with the tenant predicate',
  async ({ tx, model }) => {
    const plugins = [tenantPredicatePlugin(model)]
    const db = new Kysely<Database>({ dialect: new TenantDialect(tx), plugins })
    return { operations: operationsOf(db), close: () => db.destroy() }
  },
  { sqlStateOf },
)
