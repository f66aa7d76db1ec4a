import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { defaultLimits, inRolledBackTransaction } from './session.js'

let database: TestDatabase
let role: string
beforeAll(async () => {
  database = await createTestDatabase()
  role = `${database.rolePrefix}_app`
  await database.admin.query(sql`create role ${ident(role)}`.text)
  await database.admin.query(
    sql`create schema app; create table app.notes (id int primary key);
      grant usage on schema app to ${ident(role)}; grant insert on app.notes to ${ident(role)}`
      .text,
  )
})
afterAll(() => database.drop())

/** Statement by statement, and several in one round trip. */
describe.each([false, true])('a session on a connection that pipelines: %s', (pipeline) => {
  let client: pg.Client
  beforeAll(async () => {
    client = new pg.Client({ connectionString: database.url, pipeline })
    await client.connect()
  })
  afterAll(() => client.end())

  it('runs each statement as its role, says what was refused, and undoes attempts', async () => {
    const settings = [['app.tenant', 'a']] as const
    const seen = await inRolledBackTransaction(client, defaultLimits, async (session) => {
      const inserted = await session.keep(() =>
        session.as(role, settings, sql`insert into app.notes values (1)`),
      )
      const again = await session.attempt(() =>
        session.as(role, settings, sql`insert into app.notes values (1)`),
      )
      const read = await session.attempt(() =>
        session.as(role, settings, sql`select id from app.notes`),
      )
      const who = await session.as(
        role,
        settings,
        sql`select current_user::text as name, current_setting('app.tenant') as tenant, $1 as given`,
        ['b'],
      )
      const count = await session.admin(sql`select count(*)::int as n from app.notes`)
      return { inserted, again, read, who, count, statements: session.statements }
    })
    expect(seen).toMatchObject({
      inserted: { ok: true, rowCount: 1 },
      again: { ok: false, sqlState: '23505', constraint: 'notes_pkey' },
      read: { ok: false, sqlState: '42501' },
      who: { ok: true, rows: [{ name: role, tenant: 'a', given: 'b' }] },
      count: { ok: true, rows: [{ n: 1 }] },
      statements: 4,
    })
    expect((await client.query('select from app.notes')).rowCount).toBe(0)
  })

  it('never takes a statement whose settings were refused for one that was refused itself', async () => {
    const attempt = inRolledBackTransaction(client, defaultLimits, async (session) => {
      await session.as(role, [], sql`select 1`)
      session.prepare(sql`set local role ${ident(`${role}_gone`)}`)
      return session.asSession(sql`insert into app.notes values (2)`)
    })
    await expect(attempt).rejects.toMatchObject({ code: '22023' })
    expect((await client.query('select from app.notes')).rowCount).toBe(0)
  })
})
