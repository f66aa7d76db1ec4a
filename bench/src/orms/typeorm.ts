import { DataSource, EntitySchema, MoreThanOrEqual } from 'typeorm'
import { typeormTenancy } from 'watertight/typeorm'
import type { Item, Row } from '../throughput/adapter.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

interface ItemEntity extends Item {
  readonly position: number
}

const itemEntity = new EntitySchema<ItemEntity>({
  name: 'Item',
  schema: 'shop',
  tableName: 'items',
  columns: {
    id: { type: 'uuid', primary: true },
    tenant_id: { type: 'uuid' },
    name: { type: 'text' },
    price: { type: 'int' },
    stock: { type: 'int' },
    position: { type: 'int' },
  },
})

const entities = [itemEntity]
const select = { id: true, tenant_id: true, name: true, price: true, stock: true } as const

export const typeormPair: OrmPair = {
  name: 'typeorm',
  packages: ['typeorm'],
  async bare(_pool, { url, poolSize }) {
    return reads(await new DataSource({ type: 'postgres', url, poolSize, entities }).initialize())
  },
  async tenancy(tx) {
    return reads(await new DataSource(typeormTenancy(tx, { entities })).initialize())
  },
}

function reads(source: DataSource): OrmReads {
  const items = source.getRepository(itemEntity)
  return {
    readItem: (id) => items.findOne({ where: { id }, select }),
    listItems: () =>
      items.find({
        where: { position: MoreThanOrEqual(0) },
        select,
        order: { position: 'ASC' },
        take: 10,
      }),
    raw: (text, values) => source.query<Row[]>(text, [...values]),
    close: () => source.destroy(),
  }
}
