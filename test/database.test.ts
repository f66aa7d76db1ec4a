import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase, serverMajors } from './database.js'
import type { TestDatabase } from './database.js'

describe.each(serverMajors)('a test database on PostgreSQL %i', (major) => {
  const databases: TestDatabase[] = []
  const create = async (
    options: Parameters<typeof createTestDatabase>[0] = {},
  ): Promise<TestDatabase> => {
    const database = await createTestDatabase({ major, ...options })
    databases.push(database)
    return database
  }

  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()))
  })

  test('lies on a server of the version asked for', async () => {
    const { admin } = await create()
    const { rows } = await admin.query(
      `select current_setting('server_version_num')::int / 10000 as major`,
    )
    expect(rows).toEqual([{ major }])
  })

  test('lets a role log in by its name alone', async () => {
    const database = await create()
    const role = `${database.rolePrefix}_App "x"`
    await database.admin.query(sql`create role ${ident(role)} login`.text)
    const client = await database.connect(role)
    const { rows } = await client.query('select current_user as role, current_database() as name')
    expect(rows).toEqual([{ role, name: database.name }])
  })

  test('starts as a copy of its template, which is built once', async () => {
    let builds = 0
    const template = {
      key: 'one table with one row',
      build: async (admin: TestDatabase['admin']): Promise<void> => {
        builds += 1
        await admin.query('create table notes as select 1 as id')
      },
    }
    const copies = await Promise.all([create({ template }), create({ template })])
    for (const { admin } of copies) {
      expect((await admin.query('select id from notes')).rows).toEqual([{ id: 1 }])
    }
    expect(builds).toBe(1)
  })

  test('lets the sessions of ended pools go by themselves', async () => {
    const forced: string[] = []
    for (let round = 0; round < 5; round += 1) {
      const database = await createTestDatabase({ major })
      const pools = Array.from(
        { length: 12 },
        () => new pg.Pool({ connectionString: database.url }),
      )
      for (const pool of pools) pool.on('error', ({ message }) => forced.push(message))
      await Promise.all(pools.flatMap((pool) => [pool.query('select 1'), pool.query('select 2')]))
      await Promise.all(pools.map((pool) => pool.end()))
      await database.drop()
    }
    expect(forced).toEqual([])
  })

  test('leaves no database and no role behind, whatever the roles own or were granted', async () => {
    const database = await createTestDatabase({ major })
    const owner = ident(`${database.rolePrefix}_owner`)
    const app = ident(`${database.rolePrefix}_app`)
    await database.admin.query(sql`create role ${owner} createrole`.text)
    await database.admin.query(sql`create role ${app} login in role ${owner}`.text)
    await database.admin.query(sql`alter database ${ident(database.name)} owner to ${owner}`.text)
    await database.admin.query(sql`grant set on parameter log_statement to ${app}`.text)
    await database.admin.query(sql`alter default privileges grant select on tables to ${app}`.text)
    await database.connect(`${database.rolePrefix}_app`)
    await database.drop()

    const { admin } = await create()
    const { rows } = await admin.query(
      `select rolname as name from pg_roles where starts_with(rolname, $1)
       union all select datname from pg_database where starts_with(datname, $1)`,
      [database.rolePrefix],
    )
    expect(rows).toEqual([])
  })
})
