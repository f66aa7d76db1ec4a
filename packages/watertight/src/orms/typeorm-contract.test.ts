import { DataSource, EntitySchema } from 'typeorm'
import type { EntityManager, QueryFailedError } from 'typeorm'
import { typeormTenancy } from 'watertight/typeorm'
import type { NewProduct, OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'

interface ProductEntity extends NewProduct {
  tenantId: string
}

interface ReviewEntity {
  id: string
  body: string
  product: ProductEntity
}

const Product = new EntitySchema<ProductEntity>({
  name: 'Product',
  schema: 'shop',
  tableName: 'products',
  columns: {
    id: { type: 'uuid', primary: true },
    tenantId: { type: 'uuid', name: 'tenant_id', default: () => 'watertight.tenant_id()' },
    sku: { type: 'text' },
    title: { type: 'text' },
  },
})

const Review = new EntitySchema<ReviewEntity>({
  name: 'Review',
  schema: 'shop',
  tableName: 'reviews',
  columns: { id: { type: 'bigint', primary: true, generated: true }, body: { type: 'text' } },
  relations: {
    product: { type: 'many-to-one', target: 'Product', joinColumn: { name: 'product_id' } },
  },
})

function operationsOf(manager: EntityManager): OrmOperations {
  return {
    async titles() {
      const products = await manager.find(Product, { order: { sku: 'ASC' } })
      return products.map(({ title }) => title)
    },
    titleOf: async (id) => (await manager.findOneBy(Product, { id }))?.title ?? null,
    async reviewsWithTitles() {
      const options = { relations: { product: true }, order: { body: 'ASC' } } as const
      const reviews = await manager.find(Review, options)
      return reviews.map(({ body, product }) => ({ body, title: product.title }))
    },
    countProducts: () => manager.count(Product),
    async addProduct(product) {
      const { generatedMaps } = await manager.insert(Product, product)
      return (generatedMaps[0] as ProductEntity).tenantId
    },
    addProductOf: (tenantId, product) => manager.insert(Product, { ...product, tenantId }),
    retitle: async (id, title) => (await manager.update(Product, { id }, { title })).affected ?? 0,
    moveTo: (id, tenantId) => manager.update(Product, { id }, { tenantId }),
    remove: async (id) => (await manager.delete(Product, { id })).affected ?? 0,
    raw: (text, values) => manager.query(text, [...values]),
    transaction: (work) => manager.transaction((inside) => work(operationsOf(inside))),
  }
}

describeOrm(
  'typeorm',
  async ({ tx }) => {
    const dataSource = new DataSource(typeormTenancy(tx, { entities: [Product, Review] }))
    await dataSource.initialize()
    return { operations: operationsOf(dataSource.manager), close: () => dataSource.destroy() }
  },
  {
    sqlStateOf: (error) => (error as QueryFailedError<{ code: unknown } & Error>).driverError.code,
  },
)
