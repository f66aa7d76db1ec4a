import { PrismaPg } from '@prisma/adapter-pg'
import { prismaTenancy } from 'watertight/prisma'
import { importClient, listItems, readItem } from '../adapters/prisma.js'
import type { PrismaShop } from '../adapters/prisma.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

export const prismaPair: OrmPair = {
  name: 'prisma',
  packages: ['@prisma/client', '@prisma/adapter-pg'],
  async bare(pool) {
    const PrismaClient = await importClient()
    return reads(new PrismaClient({ adapter: new PrismaPg(pool) }))
  },
  async tenancy(tx) {
    const PrismaClient = await importClient()
    return reads(prismaTenancy(tx, (adapter) => new PrismaClient({ adapter })))
  },
}

function reads(db: PrismaShop): OrmReads {
  return {
    readItem: (id) => readItem(db, id),
    listItems: () => listItems(db),
    raw: (text, values) => db.$queryRawUnsafe(text, ...values),
    close: () => db.$disconnect(),
  }
}
