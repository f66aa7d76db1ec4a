import { afterAll, beforeAll } from 'vitest'
import { prismaTenancy } from 'watertight/prisma'
import type { NewProduct, OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'
import type { GeneratedPrisma } from '../../test/orms/prisma-client.js'
import { generatePrismaClient } from '../../test/orms/prisma-client.js'

const models = `
model Product {
  id       String   @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  tenantId String   @default(dbgenerated("watertight.tenant_id()")) @map("tenant_id") @db.Uuid
  sku      String   @unique
  title    String
  reviews  Review[]

  @@map("products")
  @@schema("shop")
}

model Review {
  id        BigInt  @id @default(autoincrement())
  productId String  @map("product_id") @db.Uuid
  body      String
  product   Product @relation(fields: [productId], references: [id])

  @@map("reviews")
  @@schema("shop")
}
`

interface ProductRow extends NewProduct {
  readonly tenantId: string
}

interface ReviewRow {
  readonly body: string
  readonly product: ProductRow
}

interface ShopQueries {
  readonly product: {
    findMany(args: object): Promise<ProductRow[]>
    findUnique(args: object): Promise<ProductRow | null>
    count(): Promise<number>
    create(args: object): Promise<ProductRow>
    update(args: object): Promise<ProductRow>
    updateMany(args: object): Promise<{ count: number }>
    deleteMany(args: object): Promise<{ count: number }>
  }
  readonly review: { findMany(args: object): Promise<ReviewRow[]> }
  $queryRawUnsafe(text: string, ...values: unknown[]): Promise<unknown[]>
  $transaction<Result>(work: (inside: ShopQueries) => Promise<Result>): Promise<Result>
}

interface ShopClient extends ShopQueries {
  $disconnect(): Promise<void>
}

let generated: GeneratedPrisma<ShopClient>

beforeAll(async () => {
  generated = await generatePrismaClient<ShopClient>(models)
})
afterAll(() => generated?.remove())

// Async functions, since a query of Prisma is not sent before somebody awaits it.
function operationsOf(prisma: ShopQueries): OrmOperations {
  return {
    async titles() {
      const products = await prisma.product.findMany({ orderBy: { sku: 'asc' } })
      return products.map(({ title }) => title)
    },
    async titleOf(id) {
      return (await prisma.product.findUnique({ where: { id } }))?.title ?? null
    },
    async reviewsWithTitles() {
      const query = { include: { product: true }, orderBy: { body: 'asc' } }
      const reviews = await prisma.review.findMany(query)
      return reviews.map(({ body, product }) => ({ body, title: product.title }))
    },
    countProducts: async () => prisma.product.count(),
    addProduct: async (data) => (await prisma.product.create({ data })).tenantId,
    addProductOf: async (tenantId, product) =>
      prisma.product.create({ data: { ...product, tenantId } }),
    retitle: async (id, title) =>
      (await prisma.product.updateMany({ where: { id }, data: { title } })).count,
    moveTo: async (id, tenantId) => prisma.product.update({ where: { id }, data: { tenantId } }),
    remove: async (id) => (await prisma.product.deleteMany({ where: { id } })).count,
    raw: async (text, values) => prisma.$queryRawUnsafe(text, ...values),
    transaction: async (work) => prisma.$transaction((inside) => work(operationsOf(inside))),
  }
}

/** Prisma has codes of its own; the server's is in `meta`. */
function sqlStateOf(error: unknown): unknown {
  const { meta } = error as {
    meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } }
  }
  return meta?.driverAdapterError?.cause?.originalCode
}

describeOrm(
  'prisma',
  async ({ tx }) => {
    const prisma = prismaTenancy(tx, (adapter) => new generated.PrismaClient({ adapter }))
    return { operations: operationsOf(prisma), close: () => prisma.$disconnect() }
  },
  { sqlStateOf },
)
