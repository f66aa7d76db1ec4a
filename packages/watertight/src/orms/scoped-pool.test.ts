import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pgDriver } from 'watertight/pg'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { acme, globex, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { tenancyErrorOf } from './driver-errors.js'
import { createScopedPool } from './scoped-pool.js'
import type { ScopedPool } from './scoped-pool.js'

describe('the pool that ORMs get', () => {
  let harness: RuntimeHarness
  let tx: TxManager
  let real: pg.Pool
  let pool: ScopedPool

  beforeAll(async () => {
    harness = await openRuntimeHarness()
    ;({ tx, pool: real } = harness.connect({}, { max: 3 }))
    await tx.start()
    pool = createScopedPool(tx)
  })
  beforeEach(() => harness.reset())
  afterAll(() => harness.close())

  const bodies = async (): Promise<string[]> => {
    const { rows } = await harness.database.admin.query('select body from app.notes order by id')
    return rows.map((row: { body: string }) => row.body)
  }

  it('runs a statement under the ambient context in one round trip', async () => {
    const trips = await harness.tripsOf(() =>
      withContext(acme, async () => {
        const { rows, fields, rowCount, command } = await pool.query(notes.list)
        expect(rows.map((row) => row['body'])).toEqual(['a1', 'a2'])
        expect(fields.map(({ name }) => name)).toEqual(['tenant_id', 'body'])
        expect([rowCount, command]).toEqual([2, 'SELECT'])
      }),
    )
    expect(trips).toBe(1)
  })

  it('answers as pg does: oid and command', async () => {
    await withContext(acme, async () => {
      const inserted = await pool.query(notes.insert, ['new'])
      expect(inserted).toMatchObject({ command: 'INSERT', rowCount: 1, oid: 0 })
      expect(await pool.query('')).toMatchObject({ command: null, rowCount: null, oid: null })
    })
  })

  it.each([
    ['values that are no array', 'select $1::int', 5],
    ['a config without a text', { name: 'n' }, undefined],
    ['no query', null, undefined],
  ])('refuses %s where pg does: by the promise or the callback', async (_, query, values) => {
    await withContext(acme, async () => {
      const client = await pool.connect()
      for (const asked of [pool, client]) {
        await expect(asked.query(query, values)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
        const told = await new Promise((resolve) => void asked.query(query, values, resolve))
        expect(told).toMatchObject({ code: 'INVALID_INPUT' })
      }
      client.release()
    })
  })

  it('connects a client to itself', async () => {
    const client = await pool.connect()
    expect(await client.connect()).toBe(client)
    expect(await new Promise((done) => void client.connect((_, self) => done(self)))).toBe(client)
    client.release()
  })

  it('gives the errors of the server a stack that leads to the caller', async () => {
    async function askAmiss(): Promise<unknown> {
      return await pool.query('select missing')
    }
    await withContext(acme, async () => {
      const error: unknown = await askAmiss().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: '42703' })
      expect((error as Error).stack).toContain('askAmiss')
    })
  })

  it.each([
    ["insert into app.notes (body) values ('s') returning body", 's'],
    ["/* of (a) */ update app.notes set body = 't' where body = 'a1' returning body", 't'],
    ["with gone as (delete from app.notes where body = 'a2' returning body) table gone", 'a2'],
  ])('streams the rows that %s returns', async (text, expected) => {
    for (const isInside of [false, true]) {
      await harness.reset()
      const seen: unknown[] = []
      await withContext(acme, async () => {
        const client = await pool.connect()
        if (isInside) await client.query('begin')
        for await (const row of client.stream(text, [], 1)) seen.push(row)
        if (isInside) await client.query('commit')
        client.release()
      })
      expect(seen).toEqual([{ body: expected }])
    }
  })

  it('takes the forms of pg: config, row mode, type parsers, callbacks', async () => {
    await withContext(acme, async () => {
      const types = { getTypeParser: () => (value: string) => `<${value}>` }
      const text = 'select $1::int as a, 2 as b'
      const { rows } = await pool.query({ text, values: [1], rowMode: 'array', types })
      expect(rows).toEqual([['<1>', '<2>']])
      const viaCallback = await new Promise((resolve, reject) => {
        pool.connect((failed, client, release) => {
          void client?.query(text, [3], (error: unknown, result: unknown) => {
            release?.()
            if (failed ?? error) reject(new Error('the query failed', { cause: error }))
            else resolve(result)
          })
        })
      })
      expect(viaCallback).toMatchObject({ rows: [{ a: 3, b: 2 }] })
      expect(pool.totalCount).toBe(0)
    })
  })

  it('tells of the clients that it gives out and gets back', async () => {
    const own = createScopedPool(tx)
    const told: unknown[] = []
    own.on('acquire', (client) => told.push(['acquire', client]))
    own.on('release', (error, client) => told.push(['release', error, client]))
    const client = await own.connect()
    client.release()
    expect(told).toEqual([
      ['acquire', client],
      ['release', null, client],
    ])
  })

  it('sends nothing without a context', async () => {
    const client = await pool.connect()
    const trips = await harness.tripsOf(async () => {
      await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
      await expect(client.query('select 1')).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
      await expect(client.query('begin')).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    })
    client.release()
    expect(trips).toBe(0)
  })

  it('answers the questions of a starting ORM without a context, and only those', async () => {
    const texts = ['SHOW server_version', notes.list]
    const starting = createScopedPool(tx, { bootstrap: { driver: pgDriver(real), texts } })
    expect((await starting.query('SHOW server_version')).rows).toHaveLength(1)
    // Even a text about tenants would see no row: no context is set.
    expect((await starting.query(notes.list)).rows).toEqual([])
    for (const text of ['show server_version', 'SHOW server_version ', 'select 1']) {
      await expect(starting.query(text)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    }
    await expect(starting.query('SHOW server_version', [1])).rejects.toThrow('no tenant context')
    const released = await starting.connect()
    released.release()
    const late = released.query('SHOW server_version')
    await expect(late).rejects.toMatchObject({ code: 'TX_CLOSED' })
    await withContext(acme, async () => {
      expect((await starting.query(notes.list)).rows).toHaveLength(2)
    })
  })

  it('drives a transaction by the texts of a client: N statements cost N + 1 round trips', async () => {
    const trips = await harness.tripsOf(() =>
      withContext(acme, async () => {
        const client = await pool.connect()
        await client.query('START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;')
        await client.query(notes.insert, ['kept'])
        const { rows } = await client.query('show transaction_isolation')
        expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }])
        await client.query('COMMIT')
        client.release()
      }),
    )
    expect(trips).toBe(3)
    expect(await bodies()).toContain('kept')
  })

  it('rolls back by text, to a savepoint by text, and when released while open', async () => {
    await withContext(acme, async () => {
      const client = await pool.connect()
      await client.query('begin')
      await client.query(notes.insert, ['undone'])
      await client.query('rollback')
      await client.query('BEGIN /* again */ TRANSACTION')
      await client.query('set transaction isolation level serializable')
      await client.query(notes.insert, ['one'])
      await client.query('SAVEPOINT "Sp ""1"')
      await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
      await client.query('ROLLBACK TO SAVEPOINT "Sp ""1"')
      await client.query('RELEASE "Sp ""1"')
      await client.query('end')
      await client.query('begin')
      await client.query(notes.insert, ['forgotten'])
      client.release()
      await expect(client.query('select 1')).rejects.toMatchObject({ code: 'TX_CLOSED' })
      expect(() => client.release()).toThrow('already been released')
    })
    await expect.poll(() => real.idleCount).toBe(real.totalCount)
    expect(await bodies()).toEqual(['a1', 'a2', 'g1', 'one'])
  })

  it('refuses a client that was taken under the context of another tenant', async () => {
    const client = await withContext(acme, () => pool.connect())
    const trips = await harness.tripsOf(async () => {
      await withContext(globex, async () => {
        for (const text of ['select 1', 'begin', 'commit']) {
          await expect(client.query(text)).rejects.toMatchObject({ code: 'CONTEXT_MISMATCH' })
        }
      })
      await expect(client.query('select 1')).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    })
    expect(trips).toBe(0)
    await withContext(acme, async () => {
      await client.query('begin')
      await client.query(notes.insert, ['mine'])
      await withContext(globex, async () => {
        await expect(client.query(notes.insert, ['theirs'])).rejects.toThrow('another')
        await client.query('rollback')
      })
    })
    client.release()
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
  })

  it('joins the run around it, and makes a savepoint of a transaction there', async () => {
    const trips = await harness.tripsOf(() =>
      tx.run(acme, async () => {
        await pool.query(notes.insert, ['outer'])
        const client = await pool.connect()
        await client.query('begin')
        await client.query(notes.insert, ['inner'])
        await client.query('rollback')
        await client.query('begin')
        await client.query(notes.insert, ['inner, kept'])
        await client.query('commit')
        client.release()
      }),
    )
    expect(trips).toBe(5)
    expect(await bodies()).toEqual(['a1', 'a2', 'g1', 'outer', 'inner, kept'])
    await expect(
      tx.run(acme, async () => {
        await pool.query(notes.insert, ['outer, undone'])
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
    expect(await bodies()).not.toContain('outer, undone')
  })

  it('throws what the server said as the driver does, with the tenancy error behind it', async () => {
    await withContext(acme, async () => {
      const insert = "insert into app.notes (tenant_id, body) values ('globex', 'x')"
      const denied: unknown = await pool.query(insert).catch((error: unknown) => error)
      expect(denied).toBeInstanceOf(pg.DatabaseError)
      expect(denied).toMatchObject({ code: '42501', severity: 'ERROR' })
      expect(tenancyErrorOf(denied)).toMatchObject({ code: 'ACCESS_DENIED' })
      const wrapped = new Error('the query failed', { cause: denied })
      expect(tenancyErrorOf(wrapped)).toMatchObject({ code: 'ACCESS_DENIED' })
      expect(tenancyErrorOf(new Error('of something else'))).toBeNull()
    })
  })

  it('keeps the order of what a client sends without waiting', async () => {
    await withContext(acme, async () => {
      const client = await pool.connect()
      const [, inserted, , listed] = await Promise.all([
        client.query('begin'),
        client.query(notes.insert, ['in order']),
        client.query('commit'),
        client.query(notes.list),
      ])
      client.release()
      expect(inserted.rows).toEqual([{ tenant_id: 'acme' }])
      expect(listed.rows.map((row) => row['body'])).toEqual(['a1', 'a2', 'in order'])
    })
  })

  it('never repeats a transaction whose statements came from outside', async () => {
    const retrying = createScopedPool(harness.connect({ defaults: { retry: { attempts: 3 } } }).tx)
    await withContext(acme, async () => {
      const [one, two] = [await retrying.connect(), await retrying.connect()]
      for (const client of [one, two]) {
        await client.query('begin isolation level serializable')
        await client.query(notes.list)
      }
      await one.query(notes.insert, ['one'])
      await two.query(notes.insert, ['two'])
      await one.query('commit')
      await expect(two.query('commit')).rejects.toMatchObject({ code: '40001' })
      one.release()
      two.release()
    })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1', 'one'])
  })

  it('opens no transaction from a BEGIN inside a run that has ended', async () => {
    await withContext(acme, async () => {
      const client = await pool.connect()
      await tx.run(acme, () => client.query('begin'))
      const late = client.query(notes.insert, ['late'])
      await expect(late).rejects.toMatchObject({ code: 'TX_CLOSED' })
      await client.query('rollback')
      client.release()
    })
    expect(await bodies()).not.toContain('late')
  })

  it('does not commit what failed, and reports it', async () => {
    await withContext(acme, async () => {
      const client = await pool.connect()
      await client.query('begin')
      await client.query(notes.insert, ['before'])
      await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
      await expect(client.query('commit')).rejects.toMatchObject({ code: 'TX_ABORTED' })
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      client.release()
    })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
  })

  it('ends a transaction that somebody forgot, and gives its connection back', async () => {
    const impatient = createScopedPool(tx, { abandonAfter: 50 })
    await withContext(acme, async () => {
      const client = await impatient.connect()
      await client.query('begin')
      await client.query(notes.insert, ['forgotten'])
      await expect.poll(() => real.idleCount).toBe(real.totalCount)
      await expect(client.query('select 1')).rejects.toMatchObject({ code: 'TX_CLOSED' })
      await expect(client.query('commit')).rejects.toMatchObject({ code: 'TX_CLOSED' })
      client.release()
    })
    expect(await bodies()).not.toContain('forgotten')
  })

  it('waits in end for the clients that are out, and gives out none afterwards', async () => {
    const ending = createScopedPool(tx)
    const client = await ending.connect()
    const end = ending.end()
    expect([ending.ending, ending.ended]).toEqual([true, false])
    client.release()
    await end
    expect(ending.ended).toBe(true)
    await expect(ending.connect()).rejects.toMatchObject({ code: 'TX_CLOSED' })
    await withContext(acme, async () => {
      await expect(ending.query('select 1')).rejects.toMatchObject({ code: 'TX_CLOSED' })
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    })
  })

  it('ends a client after the answers to what it was sent', async () => {
    await withContext(acme, async () => {
      const own = createScopedPool(tx)
      const [ended, released] = await Promise.all([own.connect(), own.connect()])
      const told: string[] = []
      ended.on('end', () => told.push('ended'))
      released.on('end', () => told.push('released'))
      for (const client of [ended, released]) {
        void client.query('select 1').then(() => told.push('first'))
        void client.query('select 2').then(() => told.push('second'))
      }
      released.release()
      await Promise.all([ended.end(), own.end()])
      expect(told.sort()).toEqual(['ended', 'first', 'first', 'released', 'second', 'second'])
    })
  })
})
