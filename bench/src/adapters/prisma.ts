import { access } from 'node:fs/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { generatedClient } from '../prisma-client.js'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'
import { openPool, setTenant } from './pool.js'

interface PrismaItems {
  findUnique(query: object): Promise<unknown>
  findMany(query: object): Promise<readonly unknown[]>
}

interface PrismaTransaction {
  readonly item: PrismaItems
  $executeRawUnsafe(text: string, ...values: readonly unknown[]): Promise<number>
  $queryRawUnsafe(text: string, ...values: readonly unknown[]): Promise<readonly Row[]>
}

/** What is used of the generated client, which exists only once `prisma generate` has run. */
export interface PrismaShop extends PrismaTransaction {
  $transaction<T>(work: (tx: PrismaTransaction) => Promise<T>): Promise<T>
  $transaction(batch: readonly Promise<unknown>[]): Promise<readonly unknown[]>
  $extends(extension: object): PrismaShop
  $disconnect(): Promise<void>
}

/**
 * Prisma with row level security as its example of client extensions shows it: every operation is a
 * batch of the setting and the operation.
 */
export const prisma: Adapter = {
  name: 'prisma',
  scope: 'rls',
  shop: 'settings',
  packages: ['prisma', '@prisma/client', '@prisma/adapter-pg', 'pg'],
  async open(target) {
    const pool = openPool(target)
    const PrismaClient = await importClient()
    const db = new PrismaClient({ adapter: new PrismaPg(pool) })
    const scope = (tenant: string): PrismaShop =>
      db.$extends({
        query: {
          $allModels: {
            async $allOperations({ args, query }: Operation) {
              const [, result] = await db.$transaction([
                db.$executeRawUnsafe(setTenant, tenant),
                query(args),
              ])
              return result
            },
          },
        },
      })
    const transaction: Subject['transaction'] = (tenant, work) =>
      db.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(setTenant, tenant)
        return work(({ text, values }) => tx.$queryRawUnsafe(text, ...values))
      })
    return {
      readItem: (tenant, id) => readItem(scope(tenant), id),
      listItems: (tenant) => listItems(scope(tenant)),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: (text) => db.$queryRawUnsafe(text),
      async close() {
        await db.$disconnect()
        await pool.end()
      },
    }
  },
}

interface Operation {
  readonly args: unknown
  query(args: unknown): Promise<unknown>
}

const select = { id: true, tenant_id: true, name: true, price: true, stock: true }

export function readItem(db: PrismaTransaction, id: string): Promise<unknown> {
  return db.item.findUnique({ where: { id }, select })
}

export function listItems(db: PrismaTransaction): Promise<readonly unknown[]> {
  const query = { where: { position: { gte: 0 } }, orderBy: { position: 'asc' }, take: 10, select }
  return db.item.findMany(query)
}

type PrismaClientClass = new (options: { adapter: unknown }) => PrismaShop

export async function importClient(): Promise<PrismaClientClass> {
  await access(generatedClient)
  const module = (await import(generatedClient.href)) as {
    default: { PrismaClient: PrismaClientClass }
  }
  return module.default.PrismaClient
}
