import type { TxManager, TypeParsers } from '../runtime/index.js'
import { tenancyErrorOf } from './driver-errors.js'
import type { ScopedClient } from './scoped-client.js'
import { createScopedPool } from './scoped-pool.js'

/** Makes the entrances of a pool of MikroORM lead to `tx`; its type parsers stay in use. */
export function leadPoolTo(tx: TxManager, pool: object): void {
  const scoped = createScopedPool(tx)
  const types = typesOf(pool)
  Object.assign(pool, {
    query: scoped.query.bind(scoped),
    connect: async () => {
      const client = await scoped.connect()
      parseBy(client, types)
      return client
    },
  })
}

function typesOf(pool: object): TypeParsers | null {
  const options: unknown = Reflect.get(pool, 'options')
  if (typeof options !== 'object' || options === null || !('types' in options)) return null
  return options.types as TypeParsers
}

function parseBy(client: ScopedClient, types: TypeParsers | null): void {
  const query = client.query.bind(client)
  Object.assign(client, {
    async query(text: unknown, values?: unknown) {
      try {
        // Anything but a text is a cursor, which the client refuses.
        return await (typeof text === 'string' ? query({ text, values, types }) : query(text))
      } catch (error) {
        keepTenancyError(error)
        throw error
      }
    },
  })
}

/** MikroORM makes an error of its own that has the properties of this one and no other tie to it. */
function keepTenancyError(error: unknown): void {
  if (typeof error !== 'object' || error === null) return
  const value = tenancyErrorOf(error)
  if (value !== null) Object.defineProperty(error, 'driverError', { value, configurable: true })
}
