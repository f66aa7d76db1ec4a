import { EntitySchema, MikroORM } from '@mikro-orm/postgresql'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Adapter, Item, Row, Subject } from '../throughput/adapter.js'

interface ItemEntity extends Item {
  readonly position: number
}

export const itemEntity: EntitySchema<ItemEntity> = new EntitySchema<ItemEntity>({
  name: 'Item',
  tableName: 'items',
  schema: 'shop',
  properties: {
    id: { type: 'uuid', primary: true },
    tenant_id: { type: 'uuid' },
    name: { type: 'text' },
    price: { type: 'integer' },
    stock: { type: 'integer' },
    position: { type: 'integer' },
  },
})

/** MikroORM: a fork per request, its session context in place of a condition. */
export const mikroOrm: Adapter = {
  name: 'mikro-orm',
  scope: 'rls',
  shop: 'settings',
  packages: ['@mikro-orm/core', '@mikro-orm/postgresql', 'pg'],
  async open({ url, poolSize }) {
    const orm = await MikroORM.init({
      clientUrl: url,
      entities: [itemEntity],
      pool: { min: poolSize, max: poolSize },
      sessionContext: 'transaction',
    })
    const scope = (tenant: string): EntityManager => {
      const em = orm.em.fork()
      em.setSessionContext({ variables: { 'app.tenant_id': tenant } })
      return em
    }
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant).transactional((em) => work(({ text, values }) => execute(em, text, values)))
    return {
      readItem: (tenant, id) => readItem(scope(tenant), id),
      listItems: (tenant) => listItems(scope(tenant)),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: (text) => execute(orm.em.fork(), text, []),
      close: () => orm.close(),
    }
  },
}

export function readItem(em: EntityManager, id: string): Promise<object | null> {
  return em.findOne(itemEntity, { id }, { fields: itemFields })
}

export function listItems(em: EntityManager): Promise<object[]> {
  const options = { fields: itemFields, orderBy: { position: 'asc' as const }, limit: 10 }
  return em.find(itemEntity, { position: { $gte: 0 } }, options)
}

const itemFields = ['id', 'tenant_id', 'name', 'price', 'stock'] as const

/** MikroORM writes parameters as `?`, by position. */
export function execute(
  em: EntityManager,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const ordered: unknown[] = []
  const positional = text.replace(/\$(\d+)/g, (_match, position: string) => {
    ordered.push(values[Number(position) - 1])
    return '?'
  })
  return em.execute<Row[]>(positional, ordered)
}
