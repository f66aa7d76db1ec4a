import { PrismaPg } from '@prisma/adapter-pg'
import { WatertightError } from '../errors/index.js'
import type { TxManager } from '../runtime/index.js'
import { keepDriverErrors } from './prisma-errors.js'
import { guardRequests } from './prisma-requests.js'
import { createScopedPool } from './scoped-pool.js'

export { tenancyErrorOf } from './driver-errors.js'

/** What `new PrismaClient({ adapter })` takes. */
export type PrismaTenancyAdapter = Pick<PrismaPg, 'provider' | 'adapterName' | 'connect'>

export interface PrismaTenancyOptions {
  /** Schema of the models that name none; `public` by default. */
  readonly schema?: string
}

/**
 * Makes a Prisma 7 client whose every statement runs under the ambient tenant context: model
 * queries, `include`, nested writes, `$transaction` of both kinds, raw SQL, extended clients. The
 * driver adapter hands them to `tx`, below the client, and the client's batching is kept within
 * one context. Types and errors are those of `@prisma/adapter-pg`.
 *
 * Migrations and `prisma db` stay on the migrator's connection string.
 *
 * A query of Prisma is sent when it is awaited: await it inside of `withContext`.
 *
 * @throws INVALID_INPUT when `create` does not return a Prisma 7 client; from a query what
 * `tx.query` throws, see `tenancyErrorOf`.
 *
 * @example
 * ```ts
 * const prisma = prismaTenancy(tx, (adapter) => new PrismaClient({ adapter }))
 * await withContext(context, async () => {
 *   await prisma.invoice.findMany({ include: { lines: true } })
 * })
 * // select ... from "invoices"                  one flight with the context
 * // select ... from "lines" where ... in (...)  one flight with the context
 * ```
 */
export function prismaTenancy<Client extends object>(
  tx: TxManager,
  create: (adapter: PrismaTenancyAdapter) => Client,
  options: PrismaTenancyOptions = {},
): Client {
  let live: object | null = null
  const client = create({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    async connect() {
      // SECURITY: a second client would be one whose requests nobody guards.
      if (live !== null) throw secondClient()
      const adapter = await connect(tx, options)
      live = adapter
      const dispose = adapter.dispose.bind(adapter)
      return Object.assign(adapter, {
        async dispose() {
          live = null
          await dispose()
        },
      })
    },
  })
  guardRequests(client)
  return client
}

/**
 * The adapter that `@prisma/adapter-pg` makes, over a pool whose entrances lead to `tx`: all that
 * it does with the pool is `query` and `connect`.
 *
 * INVARIANT: that pool never connects. The host it is given is none (RFC 6761, `.invalid`).
 */
async function connect(
  tx: TxManager,
  options: PrismaTenancyOptions,
): ReturnType<PrismaPg['connect']> {
  const factory = new PrismaPg({ host: 'tenancy.invalid', max: 1 }, options)
  const adapter = await factory.connect()
  const scoped = createScopedPool(tx)
  Object.assign(adapter.underlyingDriver(), {
    query: scoped.query.bind(scoped),
    connect: scoped.connect.bind(scoped),
  })
  return keepDriverErrors(adapter)
}

function secondClient(): WatertightError {
  return new WatertightError(
    'INVALID_INPUT',
    'the adapter serves the client it was made for alone',
    {
      object: 'prismaTenancy(tx, create)',
      hint: 'Call prismaTenancy once for each client.',
    },
  )
}
