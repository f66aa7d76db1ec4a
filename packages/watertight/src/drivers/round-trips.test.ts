import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, notes, openRuntimeHarness, signingKey } from '../../../../test/runtime-harness.js'
import type { TxManager } from '../runtime/index.js'
import { createTxManager } from '../runtime/index.js'
import { postgresJsDriver } from './postgres-js.js'

describe('round trips', () => {
  let harness: RuntimeHarness
  const managers: Record<string, TxManager> = {}
  const closers: (() => Promise<void>)[] = []
  beforeAll(async () => {
    harness = await openRuntimeHarness()
    await harness.reset()
    const connect = (name: string, options: { prepare?: boolean; fetch_types?: boolean }): void => {
      const sql = postgres(
        harness.proxy.through(harness.database.urlFor(harness.database.appRole)),
        {
          max: 1,
          ...options,
        },
      )
      closers.push(() => sql.end())
      managers[name] = createTxManager({ pools: { app: postgresJsDriver(sql) }, signingKey })
    }
    managers['pg'] = harness.connect({}, { max: 1 }).tx
    connect('postgres', {})
    connect('postgres without prepared statements', { prepare: false, fetch_types: false })
    // The boot check and the login are not counted.
    await Promise.all(Object.values(managers).map((tx) => tx.query(acme, 'select 1')))
  })
  afterAll(async () => {
    await Promise.all(closers.map((close) => close()))
    await harness.close()
  })

  describe.each(['pg', 'postgres', 'postgres without prepared statements'])('on %s', (name) => {
    const tripsOf = (use: (tx: TxManager) => Promise<unknown>): Promise<number> => {
      const tx = managers[name]
      if (tx === undefined) throw new Error(`no manager for ${name}`)
      return harness.tripsOf(() => use(tx))
    }

    it('takes one for a query, with or without parameters, from its first use on', async () => {
      expect(await tripsOf((tx) => tx.query(acme, notes.list))).toBe(1)
      const text = 'select body from app.notes where body = $1 and 1 = $2'
      expect(await tripsOf((tx) => tx.query(acme, text, ['a1', 1]))).toBe(1)
      expect(await tripsOf((tx) => tx.query(acme, text, ['a2', 1]))).toBe(1)
    })

    it('takes one for a batch', async () => {
      const batch = (tx: TxManager): Promise<unknown> =>
        tx.batch(acme, [notes.list, 'select 2', ['select $1::int', [3]]])
      expect(await tripsOf(batch)).toBe(1)
    })

    it.each([1, 2, 3, 5])('takes N + 1 for %i dependent statements', async (count) => {
      const trips = await tripsOf((tx) =>
        tx.run(acme, async (transaction) => {
          for (let index = 0; index < count; index += 1) {
            await transaction.query('select $1::int + 1 as next', [index])
          }
        }),
      )
      expect(trips).toBe(count + 1)
    })

    it.each([1, 2, 3])(
      'keeps nobody waiting for more than N of %i read-only ones',
      async (count) => {
        const trips = await tripsOf((tx) =>
          tx.run(
            acme,
            async (transaction) => {
              for (let index = 0; index < count; index += 1) {
                await transaction.query('select $1::int + 1 as next', [index])
              }
            },
            { readOnly: true },
          ),
        )
        expect(trips).toBe(count)
        // The COMMIT follows, and the connection with it.
        await expect.poll(() => harness.proxy.roundTrips).toBe(count + 1)
      },
    )
  })
})
