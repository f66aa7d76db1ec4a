import { asc, count, eq, relations, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { bigint, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import type { TxManager } from 'watertight/runtime'
import type { OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'
import type { TenantDrizzleConfig } from './drizzle.js'
import { tenantDrizzle } from './drizzle.js'

const shop = pgSchema('shop')
const products = shop.table('products', {
  id: uuid().primaryKey().defaultRandom(),
  tenantId: uuid('tenant_id')
    .notNull()
    .default(sql`default`),
  sku: text().notNull(),
  title: text().notNull(),
})
const reviews = shop.table('reviews', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  productId: uuid('product_id').notNull(),
  body: text().notNull(),
})
const reviewRelations = relations(reviews, ({ one }) => ({
  product: one(products, { fields: [reviews.productId], references: [products.id] }),
}))
const schema = { products, reviews, reviewRelations }

function operationsOf(db: NodePgDatabase<typeof schema>): OrmOperations {
  const titleOf = db
    .select({ title: products.title })
    .from(products)
    .where(eq(products.id, sql.placeholder('id')))
    .prepare('title_of')
  return {
    async titles() {
      const rows = await db
        .select({ title: products.title })
        .from(products)
        .orderBy(asc(products.sku))
      return rows.map(({ title }) => title)
    },
    titleOf: async (id) => (await titleOf.execute({ id }))[0]?.title ?? null,
    async reviewsWithTitles() {
      const rows = await db.query.reviews.findMany({
        with: { product: true },
        orderBy: asc(reviews.body),
      })
      return rows.map(({ body, product }) => ({ body, title: product.title }))
    },
    async countProducts() {
      const [row] = await db.select({ rows: count() }).from(products)
      return row?.rows ?? 0
    },
    async addProduct(product) {
      const [row] = await db.insert(products).values(product).returning()
      return row?.tenantId ?? ''
    },
    addProductOf: (tenantId, product) => db.insert(products).values({ ...product, tenantId }),
    async retitle(id, title) {
      const query = db.update(products).set({ title }).where(eq(products.id, id))
      return (await query).rowCount ?? 0
    },
    moveTo: (id, tenantId) => db.update(products).set({ tenantId }).where(eq(products.id, id)),
    remove: async (id) => (await db.delete(products).where(eq(products.id, id))).rowCount ?? 0,
    async raw(statement, values) {
      const parts = statement.split(/\$\d+/)
      const query = sql.join(
        parts.flatMap((part, index) =>
          index === 0 ? [sql.raw(part)] : [sql`${values[index - 1]}`, sql.raw(part)],
        ),
      )
      return (await db.execute(query)).rows
    },
    transaction: (work) =>
      db.transaction((inside) => work(operationsOf(inside as NodePgDatabase<typeof schema>))),
  }
}

describeOrm(
  'drizzle',
  async ({ tx }) => ({
    operations: operationsOf(tenantDrizzle(tx, { schema })),
    close: async () => undefined,
  }),
  { sqlStateOf: (error) => (error as { cause?: { code?: unknown } }).cause?.code },
)

describe('the settings of a tenant drizzle', () => {
  it('hold no cache, which would serve one tenant what another has read', () => {
    const config: object = { cache: {} }
    expect(() => tenantDrizzle({} as TxManager, config as TenantDrizzleConfig<never>)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
