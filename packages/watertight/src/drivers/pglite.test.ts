import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeDriver } from '../../../../test/driver-contract.js'
import { landed } from '../../../../test/driver-session.js'
import { createTxManager, generateSigningKey } from '../runtime/index.js'
import { pgliteDriver } from './pglite.js'

// One for the file: to make it takes seconds, on a busy machine minutes.
const database = PGlite.create()
beforeAll(async () => {
  const db = await database
  await db.exec('create role acme_app; grant create on schema public to acme_app')
}, 300_000)
afterAll(async () => (await database).close())

describeDriver(
  'PGlite',
  async () => {
    const driver = pgliteDriver(await database, { role: 'acme_app' })
    return { driver, close: () => Promise.resolve() }
  },
  { server: false, copyIn: false },
)

describe('pgliteDriver', () => {
  let db: PGlite
  beforeAll(async () => {
    db = await database
    await db.exec(`
      create table notes (tenant_id text default current_setting('app.tenant', true), body text);
      alter table notes enable row level security;
      alter table notes force row level security;
      create policy own on notes using (tenant_id = current_setting('app.tenant', true));
      grant select, insert on notes to acme_app;
      insert into notes values ('a', 'of a'), ('b', 'of b');
    `)
  })

  it('enforces RLS, which the login of PGlite would bypass', async () => {
    expect((await db.query('select body from notes')).rows).toHaveLength(2)
    const session = await pgliteDriver(db, { role: 'acme_app' }).acquire()
    const flight = await landed(session, [
      ["select set_config('app.tenant', $1, true)", 'a'],
      'select body from notes',
    ])
    expect(flight.results[1]?.rows).toEqual([{ body: 'of a' }])
    session.release(false)
    expect((await db.query('select body from notes')).rows).toHaveLength(2)
  })

  it('passes the boot check as the role, and not as the login', async () => {
    const check = (role: string): Promise<void> =>
      createTxManager({
        pools: { app: pgliteDriver(db, { role }) },
        signingKey: generateSigningKey('k1'),
      }).start()
    await check('acme_app')
    await expect(check('postgres')).rejects.toMatchObject({ code: 'UNSAFE_ROLE' })
  })

  it('lets transactions and calls of the database take turns', async () => {
    const driver = pgliteDriver(db, { role: 'acme_app' })
    const first = await driver.acquire()
    await landed(first, ['begin', "select set_config('app.tenant', 'a', true)"])
    const order: string[] = []
    const direct = db.query('select body from notes').then(({ rows }) => {
      order.push('direct')
      return rows
    })
    const second = driver.acquire().then((session) => {
      order.push('second')
      return session
    })
    await landed(first, ['rollback'])
    order.push('first')
    first.release(false)
    expect(await direct).toHaveLength(2)
    const next = await second
    expect(order).toEqual(['first', 'direct', 'second'])
    next.release(false)
  })

  it('leaves nothing of a session that is given up in the midst of a transaction', async () => {
    const driver = pgliteDriver(db, { role: 'acme_app' })
    const session = await driver.acquire()
    await landed(session, ['begin', "set app.tenant = 'a'", "insert into notes values ('a', 'x')"])
    session.release(true)
    const next = await driver.acquire()
    const { results, status } = await landed(next, [
      "select current_setting('app.tenant', true) as t",
    ])
    expect(status).toBe('idle')
    expect(results[0]?.rows).not.toEqual([{ t: 'a' }])
    next.release(false)
  })

  it('refuses COPY FROM STDIN, which PGlite does not survive', async () => {
    const session = await pgliteDriver(db, { role: 'acme_app' }).acquire()
    for (const text of ['copy notes from stdin', ' /* a */ -- b\n COPY notes FROM\nSTDIN']) {
      const flight = await landed(session, [text])
      expect(flight.failure).toMatchObject({ index: 0, origin: 'client' })
    }
    session.release(false)
  })

  it('needs a role that exists', async () => {
    expect(() => pgliteDriver(db, {} as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
    await expect(pgliteDriver(db, { role: 'nobody"; --' }).acquire()).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    })
  })
})
