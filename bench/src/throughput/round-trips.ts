import pg from 'pg'
import postgres from 'postgres'
import { pgDriver } from 'watertight/pg'
import { postgresJsDriver } from 'watertight/postgres'
import type { Driver, TxManager } from 'watertight/runtime'
import { startCountingProxy } from '../../../test/counting-proxy.js'
import { memberOf, txManager } from '../adapters/watertight.js'
import { idOf } from './shop.js'

/** Round trips of a transaction; exact, so that a test can hold them. */
export interface RoundTrips {
  /** One statement by `query`. */
  readonly oneShot: number
  /** Three statements that wait for each other in `run`. */
  readonly interactive3: number
  /** The same with `readOnly`. */
  readonly readOnly3: number
  /** Three statements by `batch`. */
  readonly batch3: number
}

interface OpenDriver {
  readonly driver: Driver
  close(): Promise<void>
}

const drivers: Readonly<Record<'pg' | 'postgres', (url: string) => OpenDriver>> = {
  pg: (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    return { driver: pgDriver(pool), close: () => pool.end() }
  },
  postgres: (url) => {
    const sql = postgres(url, { max: 1 })
    return { driver: postgresJsDriver(sql), close: () => sql.end() }
  },
}

const read = 'select id from shop.items where position = $1'

/** Counts, behind a proxy, what each driver needs for each kind of transaction. */
export async function countRoundTrips(
  url: string,
  signingKey: string,
): Promise<Readonly<Record<string, RoundTrips>>> {
  const proxy = await startCountingProxy(url)
  try {
    const counted: Record<string, RoundTrips> = {}
    for (const [name, open] of Object.entries(drivers)) {
      const target = { url: proxy.through(url), signingKey, poolSize: 1 }
      const { driver, close } = open(target.url)
      const tx = txManager(target, 'signed', driver)
      const count = async (transaction: (tx: TxManager) => Promise<unknown>): Promise<number> => {
        proxy.reset()
        await transaction(tx)
        // What nobody waited for (the COMMIT of a read-only transaction) has not arrived yet; it
        // must have before the next count.
        const { roundTrips } = proxy
        await tx.query(memberOf(tenant), 'select 1')
        return roundTrips
      }
      await tx.query(memberOf(tenant), read, [0])
      counted[name] = {
        oneShot: await count((tx) => tx.query(memberOf(tenant), read, [0])),
        interactive3: await count((tx) => three(tx, false)),
        readOnly3: await count((tx) => three(tx, true)),
        batch3: await count((tx) =>
          tx.batch(
            memberOf(tenant),
            [0, 1, 2].map((position) => [read, [position]] as const),
          ),
        ),
      }
      await close()
    }
    return counted
  } finally {
    await proxy.close()
  }
}

const tenant = idOf('tenant', 0)

function three(tx: TxManager, readOnly: boolean): Promise<void> {
  return tx.run(
    memberOf(tenant),
    async (scope) => {
      for (const position of [0, 1, 2]) await scope.query(read, [position])
    },
    { readOnly },
  )
}
