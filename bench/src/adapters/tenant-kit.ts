import { createTenancy } from '@quxkit/tenant-kit'
import { pgExecutor } from '@quxkit/tenant-kit/pg'
import { itemById, tenItems } from '../throughput/statements.js'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'
import { openPool } from './pool.js'

/** @quxkit/tenant-kit: `withTenant`, on tables under `tenancy.protect()`. */
export const tenantKit: Adapter = {
  name: 'tenant-kit',
  scope: 'rls',
  shop: 'tenantKit',
  packages: ['@quxkit/tenant-kit', 'pg'],
  open(target) {
    const pool = openPool(target)
    const tenancy = createTenancy({ db: pgExecutor(pool) })
    const transaction: Subject['transaction'] = (tenant, work) =>
      tenancy.withTenant(tenant, (tx) =>
        work(({ text, values }) => tx.query<Row>(text, [...values])),
      )
    const one: Subject['one'] = (tenant, { text, values }) =>
      tenancy.db(tenant).query<Row>(text, [...values])
    return Promise.resolve({
      readItem: async (tenant, id) => (await one(tenant, itemById(tenant, id)))[0],
      listItems: (tenant) => one(tenant, tenItems(tenant)),
      one,
      transaction,
      bare: async (text) => (await pool.query<Row>(text)).rows,
      close: () => pool.end(),
    })
  },
}
