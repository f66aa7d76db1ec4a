import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'
import type { DriverException, EntityManager } from '@mikro-orm/postgresql'
import { mikroOrmTenancy } from 'watertight/mikro-orm'
import type { OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'

const Product = defineEntity({
  name: 'Product',
  schema: 'shop',
  tableName: 'products',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid().fieldName('tenant_id').defaultRaw('watertight.tenant_id()'),
    sku: p.string(),
    title: p.string(),
  },
})

const Review = defineEntity({
  name: 'Review',
  schema: 'shop',
  tableName: 'reviews',
  properties: {
    id: p.bigint().primary().autoincrement(),
    product: () => p.manyToOne(Product).fieldName('product_id'),
    body: p.text(),
  },
})

/** Each operation asks for its entity manager: a fork of its own outside of a transaction. */
function operationsOf(manager: () => EntityManager): OrmOperations {
  return {
    async titles() {
      const products = await manager().find(Product, {}, { orderBy: { sku: 'asc' } })
      return products.map(({ title }) => title)
    },
    titleOf: async (id) => (await manager().findOne(Product, id, { refresh: true }))?.title ?? null,
    async reviewsWithTitles() {
      const options = { populate: ['product'], orderBy: { body: 'asc' } } as const
      const reviews = await manager().find(Review, {}, options)
      return reviews.map(({ body, product }) => ({ body, title: product.title }))
    },
    countProducts: () => manager().count(Product, {}),
    async addProduct(product) {
      const em = manager()
      await em.insert(Product, product)
      return (await em.findOneOrFail(Product, product.id)).tenantId
    },
    addProductOf: async (tenantId, product) => manager().insert(Product, { ...product, tenantId }),
    retitle: async (id, title) => manager().nativeUpdate(Product, { id }, { title }),
    moveTo: async (id, tenantId) => manager().nativeUpdate(Product, { id }, { tenantId }),
    remove: async (id) => manager().nativeDelete(Product, { id }),
    raw: async (text, values) =>
      manager().execute<unknown[]>(text.replaceAll(/\$\d+/g, '?'), [...values]),
    transaction: async (work) =>
      manager().transactional((inside) => work(operationsOf(() => inside))),
  }
}

describeOrm(
  'mikro-orm',
  async ({ tx }) => {
    const orm = await MikroORM.init(mikroOrmTenancy(tx, { entities: [Product, Review] }))
    const fork = (): EntityManager => orm.em.fork()
    return { operations: operationsOf(fork), close: () => orm.close() }
  },
  { sqlStateOf: (error) => (error as DriverException).code },
)
