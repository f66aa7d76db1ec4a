import knexFactory from 'knex'
import type { Knex } from 'knex'
import { tenantKnex } from 'watertight/knex'
import { listItems, raw, readItem } from '../adapters/knex.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

export const knexPair: OrmPair = {
  name: 'knex',
  packages: ['knex'],
  bare: (_pool, { url, poolSize }) => {
    const pool = { min: poolSize, max: poolSize }
    return reads(knexFactory.default({ client: 'pg', connection: url, pool }))
  },
  tenancy: (tx) => reads(tenantKnex(tx)),
}

function reads(db: Knex): OrmReads {
  return {
    readItem: (id) => readItem(db, id),
    listItems: () => listItems(db),
    raw: (text, values) => raw(db, text, values),
    close: () => db.destroy(),
  }
}
