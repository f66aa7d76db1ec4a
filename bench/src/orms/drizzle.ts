import { drizzle } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { tenantDrizzle } from 'watertight/drizzle'
import { listItems, readItem } from '../adapters/drizzle.js'
import type { Row } from '../throughput/adapter.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

export const drizzlePair: OrmPair = {
  name: 'drizzle',
  packages: ['drizzle-orm'],
  bare: (pool) => reads(drizzle(pool)),
  tenancy: (tx) => reads(tenantDrizzle(tx)),
}

function reads(db: NodePgDatabase): OrmReads {
  return {
    readItem: (id) => readItem(db, id),
    listItems: () => listItems(db),
    raw: async (text, values) => (await db.execute<Row>(fragments(text, values))).rows,
    close: () => Promise.resolve(),
  }
}

/** Drizzle's raw SQL is a template: text and parameters by turns. */
function fragments(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/).map((part, index) => {
    return index % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`
  })
  return sql.join(parts)
}
