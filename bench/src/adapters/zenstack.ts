import { ZenStackClient } from '@zenstackhq/orm'
import { PostgresDialect } from '@zenstackhq/orm/dialects/postgres'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'
import { openPool, setTenant } from './pool.js'
import { ShopSchema } from './zenstack-schema.js'

/** ZenStack: an interactive transaction, the setting first. */
export const zenstack: Adapter = {
  name: 'zenstack',
  scope: 'rls',
  shop: 'settings',
  packages: ['@zenstackhq/orm', 'pg'],
  open(target) {
    const pool = openPool(target)
    const db = new ZenStackClient(new ShopSchema(), { dialect: new PostgresDialect({ pool }) })
    type Transaction = Pick<typeof db, 'item' | '$executeRawUnsafe' | '$queryRawUnsafe'>
    const scope = <T>(tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
      db.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(setTenant, tenant)
        return work(tx)
      })
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant, (tx) => work(({ text, values }) => tx.$queryRawUnsafe<Row[]>(text, ...values)))
    const select = { id: true, tenant_id: true, name: true, price: true, stock: true } as const
    return Promise.resolve({
      readItem: (tenant, id) =>
        scope(tenant, (tx) => tx.item.findUnique({ where: { id }, select })),
      listItems: (tenant) =>
        scope(tenant, (tx) =>
          tx.item.findMany({
            where: { position: { gte: 0 } },
            orderBy: { position: 'asc' },
            take: 10,
            select,
          }),
        ),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: (text) => db.$queryRawUnsafe<Row[]>(text),
      close: () => pool.end(),
    })
  },
}
