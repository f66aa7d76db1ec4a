import type pg from 'pg'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { acme, globex, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import type { ScopedClient } from './scoped-client.js'
import { createScopedPool } from './scoped-pool.js'
import type { ScopedPool } from './scoped-pool.js'

let harness: RuntimeHarness
let tx: TxManager
let real: pg.Pool
let pool: ScopedPool

beforeAll(async () => {
  harness = await openRuntimeHarness()
  ;({ tx, pool: real } = harness.connect())
  pool = createScopedPool(tx)
})
beforeEach(() => harness.reset())
afterAll(() => harness?.close())

const bodies = 'select body from app.notes order by id'

/** Hands a client of its own to `use`, in a transaction or not. */
async function withClient<Result>(
  isInside: boolean,
  use: (client: ScopedClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    if (isInside) await client.query('begin')
    const result = await use(client)
    if (isInside) await client.query('commit')
    return result
  } finally {
    client.release()
  }
}

async function rowsOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const row of stream) rows.push(row)
  return rows
}

/** What `query` hands back: for a stream or a cursor, the same. */
function handed<Query>(client: ScopedClient, query: Query): Query {
  return client.query(query) as unknown as Query
}

describe.each([
  ['outside of a transaction', false],
  ['inside of a transaction', true],
])('a query stream of pg %s', (_name, isInside) => {
  const read = (stream: QueryStream): Promise<unknown[]> =>
    withClient(isInside, (client) => rowsOf(handed(client, stream)))

  it('reads the rows of its tenant, in batches', async () => {
    const stream = (): QueryStream => new QueryStream(bodies, [], { batchSize: 1 })
    const both = [acme, globex].map((context) => withContext(context, () => read(stream())))
    expect(await Promise.all(both)).toEqual([[{ body: 'a1' }, { body: 'a2' }], [{ body: 'g1' }]])
  })

  it('takes values, a row mode and type parsers', async () => {
    const types = { getTypeParser: () => (value: string) => `<${value}>` }
    const config = { rowMode: 'array', types } as object
    const stream = new QueryStream('select $1::int, $2::int[]', [7, [1, 2]], config)
    expect(await withContext(acme, () => read(stream))).toEqual([['<7>', '<{1,2}>']])
  })

  it.each([
    ['explain', 'explain (costs off) select 1', [{ 'QUERY PLAN': 'Result' }]],
    ['show', 'show server_encoding', [{ server_encoding: 'UTF8' }]],
    ['a query in parentheses', '(/* of two */ values (1), (2))', [{ column1: 1 }, { column1: 2 }]],
    ['no statement at all', '-- nothing to do', []],
  ])('reads the rows of %s', async (_name, text, rows) => {
    expect(await withContext(acme, () => read(new QueryStream(text)))).toEqual(rows)
  })

  it('gives its connection back when its reader leaves', async () => {
    await withContext(acme, () =>
      withClient(isInside, async (client) => {
        const stream = handed(client, new QueryStream('select * from generate_series(1, 1000)'))
        // Left early, a stream ends with an error before it closes, which `once` would reject with.
        const closed = new Promise<void>((resolve) => stream.once('close', resolve))
        for await (const row of stream) if (row !== null) break
        await closed
        expect(await client.query('select 1 as one')).toMatchObject({ rows: [{ one: 1 }] })
      }),
    )
    expect(real.idleCount).toBe(real.totalCount)
  })
})

describe('a query stream of pg', () => {
  it('runs where it was made, wherever it is read', async () => {
    const client = await withContext(acme, () => pool.connect())
    const stream = withContext(acme, () => handed(client, new QueryStream(bodies)))
    expect(await withContext(globex, () => rowsOf(stream))).toEqual([
      { body: 'a1' },
      { body: 'a2' },
    ])
    client.release()
  })

  it.each([
    ['a statement that fails', 'select 1 / 0', { code: '22012' }],
    ['a session setting', 'set statement_timeout = 0', { code: 'STATEMENT_REFUSED' }],
    ['the end of the transaction', 'commit', { code: 'STATEMENT_REFUSED' }],
  ])('ends with the error of %s', async (_name, text, error) => {
    const reading = withContext(acme, () =>
      withClient(false, (client) => rowsOf(handed(client, new QueryStream(text)))),
    )
    await expect(reading).rejects.toMatchObject(error)
  })

  it('sends nothing without a context, or under another than its client', async () => {
    const reading = withClient(false, (client) => rowsOf(handed(client, new QueryStream(bodies))))
    await expect(reading).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    const client = await withContext(acme, () => pool.connect())
    const moved = withContext(globex, () => rowsOf(handed(client, new QueryStream(bodies))))
    await expect(moved).rejects.toMatchObject({ code: 'CONTEXT_MISMATCH' })
    client.release()
  })

  it('is refused by a pool, which gives no client back to end it', () => {
    expect(() => pool.query(new QueryStream(bodies))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

describe('a cursor of pg', () => {
  interface Cursor {
    read(count: number): Promise<unknown[]>
    close(): Promise<void>
  }
  const cursorOf = (text: string, values: unknown[] = []): Cursor =>
    new QueryStream(text, values).cursor as Cursor

  it('reads as many rows as it is asked for, until it is closed', async () => {
    await withContext(acme, () =>
      withClient(false, async (client) => {
        const cursor = handed(client, cursorOf('select generate_series(1, $1) as n', [5]))
        const together = await Promise.all([cursor.read(2), cursor.read(2)])
        expect(together).toEqual([
          [{ n: 1 }, { n: 2 }],
          [{ n: 3 }, { n: 4 }],
        ])
        await cursor.close()
        expect(await cursor.read(2)).toEqual([])
      }),
    )
    expect(real.idleCount).toBe(real.totalCount)
  })

  it('that failed fails again, and does not look read to its end', async () => {
    await withContext(acme, () =>
      withClient(false, async (client) => {
        const cursor = handed(
          client,
          cursorOf('select 1 / (2 - n) from generate_series(1, 3) as n'),
        )
        const reads = await Promise.allSettled([cursor.read(3), cursor.read(1), cursor.read(1)])
        const failed = { status: 'rejected', reason: { code: '22012' } }
        expect(reads).toMatchObject([failed, failed, failed])
        await cursor.close()
      }),
    )
    expect(real.idleCount).toBe(real.totalCount)
  })

  it('that nobody read sends nothing', async () => {
    const trips = await harness.tripsOf(() =>
      withContext(acme, () =>
        withClient(false, (client) => handed(client, cursorOf(bodies)).close()),
      ),
    )
    expect(trips).toBe(0)
  })
})
