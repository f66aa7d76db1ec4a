import { MikroORM } from '@mikro-orm/postgresql'
import { mikroOrmTenancy } from 'watertight/mikro-orm'
import { execute, itemEntity, listItems, readItem } from '../adapters/mikro-orm.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

export const mikroOrmPair: OrmPair = {
  name: 'mikro-orm',
  packages: ['@mikro-orm/core', '@mikro-orm/postgresql'],
  async bare(_pool, { url, poolSize }) {
    const pool = { min: poolSize, max: poolSize }
    return reads(await MikroORM.init({ clientUrl: url, entities: [itemEntity], pool }))
  },
  async tenancy(tx) {
    return reads(await MikroORM.init(mikroOrmTenancy(tx, { entities: [itemEntity] })))
  },
}

/** A fork per request, as its documentation asks for. */
function reads(orm: MikroORM): OrmReads {
  return {
    readItem: (id) => readItem(orm.em.fork(), id),
    listItems: () => listItems(orm.em.fork()),
    raw: (text, values) => execute(orm.em.fork(), text, values),
    close: () => orm.close(),
  }
}
