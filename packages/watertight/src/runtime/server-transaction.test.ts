import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { pgDriver } from '../drivers/pg.js'
import { flyAlone } from './lone-flight.js'
import { ServerTransaction } from './server-transaction.js'

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createTestDatabase()
  await database.admin.query('create table kept (id int)')
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

it('reads the tag of COMMIT: a failed transaction answers ROLLBACK, without an error', async () => {
  const transaction = new ServerTransaction({
    acquire: () => pgDriver(pool).acquire(),
    opening: () => [{ text: 'begin', values: [] }],
  })
  await transaction.execute([{ text: 'create table lost (id int)', values: [] }])
  await expect(transaction.execute([{ text: 'select 1 / 0', values: [] }])).rejects.toMatchObject({
    sqlState: '22012',
  })
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'TX_ABORTED' })
  const { rows } = await pool.query("select to_regclass('lost') as lost")
  expect(rows).toEqual([{ lost: null }])
  expect(pool.totalCount).toBe(1)
})

it('closes the connection of a statement that got past the guard and ended its transaction', async () => {
  const transaction = new ServerTransaction({
    acquire: () => pgDriver(pool).acquire(),
    opening: () => [{ text: 'begin', values: [] }],
  })
  const ended = { code: 'INVALID_INPUT' }
  const commit = transaction.execute([{ text: 'commit', values: [] }])
  await expect(commit).rejects.toMatchObject(ended)
  await expect(transaction.execute([{ text: 'select 1', values: [] }])).rejects.toMatchObject(ended)
  await transaction.rollback()
  expect(pool.totalCount).toBe(0)
})

it('closes the connection of a lone statement that got past the guard and began one', async () => {
  const flight = flyAlone({
    session: await pgDriver(pool).acquire(),
    opening: () => [],
    statements: [
      { text: 'begin', values: [] },
      { text: 'insert into kept values (1)', values: [] },
    ],
    signal: undefined,
    onStatements: undefined,
  })
  await expect(flight).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(pool.totalCount).toBe(0)
  expect((await pool.query('select from kept')).rowCount).toBe(0)
})
