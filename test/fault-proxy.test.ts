import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from './database.js'
import { createTestDatabase } from './database.js'
import type { Fault, FaultProxy } from './fault-proxy.js'
import { drawFault, startFaultProxy } from './fault-proxy.js'

describe('the fault proxy', () => {
  let database: TestDatabase
  let proxy: FaultProxy
  const clients: pg.Client[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
    proxy = await startFaultProxy(database.url)
  })
  afterEach(() => proxy.reset())
  afterAll(async () => {
    await Promise.allSettled(clients.map((client) => client.end()))
    await proxy.close()
    await database.drop()
  })

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: proxy.through(database.url) })
    client.on('error', () => undefined)
    clients.push(client)
    await client.connect()
    return client
  }

  it('passes everything on unless armed, and counts open connections', async () => {
    const client = await connect()
    const { rows } = await client.query(
      "select repeat('x', 100000) as x from generate_series(1, 50)",
    )
    expect(rows).toHaveLength(50)
    expect(proxy.connections).toBe(1)
    await client.end()
    await expect.poll(() => proxy.connections).toBe(0)
  })

  it.each<Fault>([
    { kind: 'reset', from: 'client', message: 'Q', at: 2 },
    { kind: 'reset', from: 'server', message: 'D', at: 3 },
    { kind: 'eof', from: 'client', message: 'Q', at: 2 },
    { kind: 'eof', from: 'server', message: 'Z', at: 2 },
    { kind: 'partial', from: 'server', message: 'D', at: 2, bytes: 3 },
    { kind: 'partial', from: 'client', message: 'Q', at: 2 },
  ])('breaks the connection at the n-th message: $kind at $at of $message', async (fault) => {
    const client = await connect()
    proxy.arm(fault)
    const rows = 'select i from generate_series(1, 1) i'
    await client.query(rows)
    expect(proxy.struck).toBe(0)
    await expect(client.query('select i from generate_series(1, 5) i')).rejects.toThrow()
    expect(proxy.struck).toBe(1)
    const next = await connect()
    expect((await next.query(rows)).rows).toEqual([{ i: 1 }])
    await next.end()
  })

  it('breaks a connection while it logs in', async () => {
    proxy.arm({ kind: 'reset', from: 'client', message: '' })
    await expect(connect()).rejects.toThrow()
    proxy.arm({ kind: 'eof', from: 'server', message: 'R' })
    await expect(connect()).rejects.toThrow()
  })

  it('stalls a connection until it is reset', async () => {
    const client = await connect()
    proxy.arm({ kind: 'stall', from: 'client', message: 'Q' })
    let answered = false
    const query = client.query('select 1 as one').then(({ rows }) => {
      answered = true
      return rows as unknown[]
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(answered).toBe(false)
    proxy.reset()
    expect(await query).toEqual([{ one: 1 }])
    await client.end()
  })

  it('slows a connection without changing a byte', async () => {
    const client = await connect()
    proxy.arm({ kind: 'latency', from: 'client', message: 'Q', milliseconds: 5 })
    proxy.arm({ kind: 'bandwidth', from: 'server', message: 'T', bytesPerSecond: 1_000_000 })
    const { rows } = await client.query<{ i: number }>(
      "select i, repeat('x', 1000) as x from generate_series(1, 100) i",
    )
    expect(rows.map(({ i }) => i)).toEqual(Array.from({ length: 100 }, (_, row) => row + 1))
    await client.end()
  })

  it('delays the messages of a long answer side by side', async () => {
    const client = await connect()
    proxy.arm({ kind: 'latency', from: 'server', message: 'D', milliseconds: 50 })
    // One after another they would take four minutes.
    const { rows } = await client.query('select from generate_series(1, 5000)')
    expect(rows).toHaveLength(5000)
    await client.end()
  })

  it('draws the same faults from the same numbers', () => {
    const numbers = (seed: number) => () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    const draw = (seed: number): Fault[] => {
      const random = numbers(seed)
      return Array.from({ length: 50 }, () => drawFault(random))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(new Set(draw(7).map(({ kind }) => kind)).size).toBe(6)
  })
})
