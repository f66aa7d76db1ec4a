import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { Transaction } from './transaction-scope.js'

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
