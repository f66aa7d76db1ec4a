import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import type { Flight, Session } from '../runtime/driver.js'
import { pgDriver } from './pg.js'

describe('the messages of a flight on pg', () => {
  let database: TestDatabase
  let pool: pg.Pool
  beforeAll(async () => {
    database = await createTestDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 2 })
    await database.admin.query('create table notes (text text)')
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  /** Bytes that fail while they are written, as those do for which there is no memory. */
  function unwritable(): Buffer {
    return Object.defineProperty(Buffer.alloc(4), 'length', {
      get() {
        throw new RangeError('there is no room')
      },
    })
  }

  function rowsOf(flight: Flight): readonly unknown[] | undefined {
    return flight.kind === 'landed' && flight.failure === null ? flight.results[0]?.rows : undefined
  }

  it('never go out with those of another caller, when one of them cannot be written', async () => {
    const driver = pgDriver(pool)
    const mine: Session = await driver.acquire()
    const theirs: Session = await driver.acquire()
    const insert = 'insert into notes values ($1)'
    const failed = await mine.flight([
      { text: insert, values: ['mine'] },
      { text: insert, values: [unwritable()] },
    ])
    expect(failed).toMatchObject({
      kind: 'landed',
      failure: { origin: 'client', cause: expect.any(RangeError) },
      status: 'idle',
    })
    const select = { text: 'select text from notes', values: [] }
    expect(rowsOf(await theirs.flight([select]))).toEqual([])
    // The session that failed has sent nothing, and goes on.
    expect(rowsOf(await mine.flight([select]))).toEqual([])
    mine.release(false)
    theirs.release(false)
  })

  it('carry NULL for an object whose toJSON returns nothing, as pg does', async () => {
    const text = 'select $1::text as value'
    const values = [{ toJSON: () => undefined }]
    const session = await pgDriver(pool).acquire()
    const { rows } = await pool.query({ text, values })
    expect(rowsOf(await session.flight([{ text, values }]))).toEqual(rows)
    session.release(false)
  })

  it('refuse a value that pg makes neither text nor bytes of', async () => {
    const value = Object.assign(() => undefined, { toString: () => 7 })
    const session = await pgDriver(pool).acquire()
    const flight = await session.flight([{ text: 'select $1', values: [value] }])
    expect(flight).toMatchObject({ failure: { origin: 'client', cause: expect.any(TypeError) } })
    session.release(false)
  })
})
