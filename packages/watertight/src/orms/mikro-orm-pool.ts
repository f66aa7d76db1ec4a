import type { TxManager, TypeParsers } from '../runtime/index.js'
import { tenancyErrorOf } from './driver-errors.js'
import type { ScopedClient } from './scoped-client.js'
import { createScopedPool } from './scoped-pool.js'

/** Makes the entrances of a pool of MikroORM lead to `tx`; its type parsers stay in use. */
export function leadPoolTo(tx: TxManager, pool: object): void {
  const types = typesOf(pool)
  const scoped = createScopedPool(tx, types === null ? {} : { types })
  Object.assign(pool, {
    query: scoped.query.bind(scoped),
    connect: async () => {
      const client = await scoped.connect()
      keepTenancyErrors(client)
      return client
    },
  })
}

function typesOf(pool: object): TypeParsers | null {
  const options: unknown = Reflect.get(pool, 'options')
  if (typeof options !== 'object' || options === null || !('types' in options)) return null
  return options.types as TypeParsers
}

function keepTenancyErrors(client: ScopedClient): void {
  const query = client.query.bind(client)
  Object.assign(client, {
    query(text: unknown, values?: unknown) {
      const asked: unknown = query(text, values)
      if (asked instanceof Promise) return asked.catch(rethrow)
      keepCursorErrors(asked as object)
      return asked
    },
  })
}

/** Kysely, below MikroORM, reads a cursor with promises. */
function keepCursorErrors(cursor: object): void {
  const read = Reflect.get(cursor, 'read') as (count: number) => Promise<unknown>
  Object.assign(cursor, { read: (count: number) => read(count).catch(rethrow) })
}

/** MikroORM makes an error of its own that has the properties of this one and no other tie to it. */
function rethrow(error: unknown): never {
  const value = tenancyErrorOf(error)
  if (value !== null) {
    Object.defineProperty(error, 'driverError', { value, configurable: true })
  }
  throw error
}
