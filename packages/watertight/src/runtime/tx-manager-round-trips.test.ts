import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { Transaction } from './transaction.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

describe('round trips', () => {
  it('are one for a query', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    expect(await harness.tripsOf(() => tx.query(acme, notes.list))).toBe(1)
    expect(await harness.tripsOf(() => tx.query(acme, notes.insert, ['x']))).toBe(1)
  })

  it('are one for a batch, however long, alone and inside a transaction', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    const batch = [notes.list, [notes.insert, ['b']], { text: notes.list, values: [] }] as const
    const trips = await harness.tripsOf(async () => {
      const results = await tx.batch(acme, batch)
      expect(results.map(({ rowCount }) => rowCount)).toEqual([2, 1, 3])
    })
    expect(trips).toBe(1)
    expect(await harness.tripsOf(() => tx.batch(acme, []))).toBe(0)
    const inside = await harness.tripsOf(() =>
      tx.run(acme, async (handle) => {
        await handle.batch(batch)
        await tx.batch(acme, batch)
      }),
    )
    expect(inside).toBe(3)
  })

  it('are one for a batch under time-outs, which ride along', async () => {
    const { tx } = harness.connect({ defaults: { lockTimeout: 100, idleTimeout: 5000 } })
    await tx.query(acme, notes.list)
    const options = { statementTimeout: 1000 }
    expect(await harness.tripsOf(() => tx.batch(acme, [notes.list, 'select 1'], options))).toBe(1)
    expect(await harness.tripsOf(() => tx.query(acme, notes.list, [], options))).toBe(1)
    const run = (): Promise<void> => tx.run(acme, (tx) => statements(tx, 1), options)
    expect(await harness.tripsOf(run)).toBe(2)
  })

  it.each([undefined, 'read committed', 'repeatable read'] as const)(
    'are N, awaited, for N read-only statements at level %s; the COMMIT is checked later',
    async (isolationLevel) => {
      const { tx } = harness.connect()
      await tx.query(acme, notes.list)
      for (const n of [0, 1, 3]) {
        const options = isolationLevel === undefined ? {} : { isolationLevel }
        // The proxy has not yet seen the COMMIT when the result is there: nobody waited for it.
        const awaited = await harness.tripsOf(() =>
          tx.run(acme, (tx) => statements(tx, n), { readOnly: true, ...options }),
        )
        expect(awaited).toBe(n)
        await expect.poll(() => harness.proxy.roundTrips).toBe(n === 0 ? 0 : n + 1)
      }
    },
  )

  it('are N + 1 for N read-only serializable statements: their COMMIT is what makes them true', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    const options = { readOnly: true, isolationLevel: 'serializable' } as const
    const run = (): Promise<void> => tx.run(acme, (tx) => statements(tx, 2), options)
    expect(await harness.tripsOf(run)).toBe(3)
    const role = harness.database.appRole
    const { admin } = harness.database
    await admin.query(`alter role ${role} set default_transaction_isolation = 'serializable'`)
    const { tx: byDefault } = harness.connect()
    await byDefault.start()
    await admin.query(`alter role ${role} reset default_transaction_isolation`)
    const unsaid = (): Promise<void> =>
      byDefault.run(acme, (tx) => statements(tx, 2), { readOnly: true })
    expect(await harness.tripsOf(unsaid)).toBe(3)
  })

  it('are N + 1 for a stream of N batches, the last of them short', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    const numbers = 'select generate_series(1, $1::int) as n'
    const stream = async (count: number): Promise<void> => {
      let expected = 0
      for await (const { n } of tx.stream<{ n: number }>(acme, numbers, [count], { batchSize: 10 }))
        expect(n).toBe((expected += 1))
      expect(expected).toBe(count)
    }
    expect(await harness.tripsOf(() => stream(9))).toBe(2)
    expect(await harness.tripsOf(() => stream(25))).toBe(4)
    expect(await harness.tripsOf(() => stream(0))).toBe(2)
  })

  it('are N + 1 for N statements that wait for each other, and none for nothing', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    for (const n of [0, 1, 2, 5]) {
      const trips = await harness.tripsOf(() => tx.run(acme, (tx) => statements(tx, n)))
      expect(trips).toBe(n === 0 ? 0 : n + 1)
    }
  })

  it('are not raised by nested runs', async () => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    const trips = await harness.tripsOf(() =>
      tx.run(acme, async (outer) => {
        await tx.run(acme, (inner) => statements(inner, 2))
        await tx.run(acme, (inner) => statements(inner, 1))
        await tx.run(acme, () => null)
        await statements(outer, 1)
      }),
    )
    expect(trips).toBe(5)
  })

  it('are four for the same query when each step is awaited, so the count can tell', async () => {
    const { pool } = harness.connect()
    const client = await pool.connect()
    const trips = await harness.tripsOf(async () => {
      await client.query('begin')
      await client.query("select set_config('watertight.context', $1, true)", [''])
      await client.query(notes.list)
      await client.query('commit')
    })
    client.release()
    expect(trips).toBe(4)
  })
})

async function statements(tx: Transaction, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await tx.query('select $1::int', [index])
}
