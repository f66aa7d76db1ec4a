import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  globex,
  notes,
  openRuntimeHarness,
} from '../../../../test/runtime-harness.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
  await harness.database.admin.query('create table app.plain (n int, t text)')
  await harness.database.admin.query(`grant all on app.plain to ${harness.database.appRole}`)
})
beforeEach(async () => {
  await harness.reset()
  await harness.database.admin.query('truncate app.plain')
})
afterAll(() => harness.close())

const openCursors = "select from pg_cursors where name like 'watertight%'"

describe('stream', () => {
  it('yields the rows of the tenant alone, with parameters and by column when asked', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const text = 'select body from app.notes where body <> $1 order by id'
    const bodies: unknown[] = []
    for await (const { body } of tx.stream(acme, text, ['a1'])) bodies.push(body)
    const arrays: unknown[] = []
    const byColumn = { text, values: ['a1'], rowMode: 'array' as const }
    for await (const row of tx.stream(globex, byColumn)) arrays.push(row)
    expect([bodies, arrays]).toEqual([['a2'], [['g1']]])
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1])
  })

  it('reads no batch before the consumer asks for it, and gives back its connection on break', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await tx.start()
    const rows = tx.stream(acme, 'select generate_series(1, 1000)', [], { batchSize: 10 })
    const trips = await harness.tripsOf(async () => {
      expect(await take(rows, 15)).toBe(15)
    })
    expect(trips).toBe(3)
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1])
  })

  it('runs beside other statements of its transaction and closes its cursor without a trip', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (handle) => {
      for await (const { body } of handle.stream(notes.list, [], { batchSize: 1 })) {
        await handle.query(notes.insert, [`copy of ${String(body)}`])
      }
      await take(tx.stream(acme, notes.list), 1)
      expect((await handle.query(openCursors)).rows).toEqual([])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'copy of a1', 'copy of a2'])
  })

  it('can be left open when the transaction fails: nothing rides into the ROLLBACK', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (handle) => {
      await handle.query('savepoint mine')
      const rows = handle.stream(notes.list, [], { batchSize: 1 })[Symbol.asyncIterator]()
      await rows.next()
      await handle.query('select 1 / 0').catch(() => undefined)
      await rows.return?.()
      await handle.query('rollback to savepoint mine')
      await handle.query(notes.insert, ['a3'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('dies with its transaction', async () => {
    const { tx } = harness.connect()
    const rows = await tx.run(acme, async (handle) => {
      const iterator = handle.stream(notes.list, [], { batchSize: 1 })[Symbol.asyncIterator]()
      await iterator.next()
      return { iterator }
    })
    await expect(rows.iterator.next()).rejects.toMatchObject({ code: 'TX_CLOSED' })
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
  })

  it.each<[string, unknown, object, string]>([
    ['two commands', 'select 1; drop table app.notes', {}, 'STATEMENT_FAILED'],
    ['a write', "insert into app.notes (body) values ('x') returning 1", {}, 'STATEMENT_FAILED'],
    ['no text', 7, {}, 'INVALID_INPUT'],
    ['a batch of none', 'select 1', { batchSize: 0 }, 'INVALID_INPUT'],
    ['a batch that is no number', 'select 1', { batchSize: '5; drop' }, 'INVALID_INPUT'],
  ])('refuses %s', async (_name, text, options, code) => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const rows = tx.stream(acme, text as string, [], options)
    await expect(rows[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code })
    expect(pool.idleCount).toBe(pool.totalCount)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })
})

describe('COPY', () => {
  const rowsOf = 'copy (select body from app.notes order by id) to stdout'
  const many = "copy (select i, repeat('x', 200) from generate_series(1, 100000) i) to stdout"

  async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    return Buffer.concat(parts).toString()
  }

  it('TO STDOUT holds the rows of the tenant alone', async () => {
    const { tx } = harness.connect()
    const text = tx.run(acme, (tx) => textOf(tx.copyTo(rowsOf)))
    expect(await text).toBe('a1\na2\n')
    expect(await tx.run(globex, (tx) => textOf(tx.copyTo(rowsOf)))).toBe('g1\n')
  })

  it('TO STDOUT that is left early leaves its transaction whole', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['before'])
      let bytes = 0
      for await (const chunk of tx.copyTo(many)) if ((bytes += chunk.length) > 1000) break
      expect(bytes).toBeLessThan(10_000_000)
      await tx.query(notes.insert, ['after'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'before', 'after'])
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  it('TO STDOUT that is forgotten does not keep its transaction open', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      await tx.copyTo(many)[Symbol.asyncIterator]().next()
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  it('TO STDOUT ends with its AbortSignal while the consumer thinks', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const abort = new AbortController()
    const run = tx.run(
      acme,
      async (tx) => {
        for await (const chunk of tx.copyTo(many)) if (chunk.length > 0) abort.abort()
      },
      { signal: abort.signal },
    )
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('FROM STDIN stores what its source yields, and nothing when the source throws', async () => {
    const { tx } = harness.connect()
    async function* source(error: Error | null): AsyncGenerator<Uint8Array | string> {
      yield '1\tone\n2\t'
      yield Buffer.from('zwölf\n')
      if (error !== null) throw error
    }
    const text = 'copy app.plain from stdin'
    expect(await tx.run(acme, (tx) => tx.copyFrom(text, source(null)))).toBe(2)
    const error = new Error('from the source')
    await expect(tx.run(acme, (tx) => tx.copyFrom(text, source(error)))).rejects.toBe(error)
    const { rows } = await tx.query(acme, 'select * from app.plain order by n')
    expect(rows).toEqual([
      { n: 1, t: 'one' },
      { n: 2, t: 'zwölf' },
    ])
  })

  it('FROM STDIN on a table with RLS says what to do instead', async () => {
    const { tx } = harness.connect()
    async function* source(): AsyncGenerator<string> {
      yield '9\tglobex\tx\t\\N\n'
    }
    const run = tx.run(acme, (tx) => tx.copyFrom('copy app.notes from stdin', source()))
    await expect(run).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      sqlState: '0A000',
      hint: expect.stringContaining('temporary table'),
    })
  })
})

/** Reads so many items and leaves the loop. */
async function take(items: AsyncIterable<unknown>, count: number): Promise<number> {
  let taken = 0
  for await (const item of items) {
    if (item !== undefined) taken += 1
    if (taken === count) break
  }
  return taken
}
