import pg from 'pg'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ids, keys, openAttackedShop } from '../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../test/database.js'
import { pgDriver } from '../drivers/pg.js'
import { postgresJsDriver } from '../drivers/postgres-js.js'
import type { Driver } from './driver.js'
import { parseTenantContext } from './parse-tenant-context.js'
import type { TenantContext } from './tenant-context.js'
import { createTxManager } from './tx-manager.js'
import type { TxManager } from './tx-manager.js'

/*
 * What a driver keeps prepared has a name. SQL on the connection can read it, drop it, and give it to
 * another text, which would then run with the context of whoever comes next.
 */

const acme = member(ids.acme, ids.ann)
const globex = member(ids.globex, ids.gil)

function member(tenantId: string, userId: string): TenantContext {
  return parseTenantContext({ mode: 'member', tenantId, userId, orgScope: 'all' })
}

interface Opened {
  readonly driver: Driver
  readonly end: () => Promise<void>
}

const drivers: Readonly<Record<'pg' | 'postgres', (url: string) => Opened>> = {
  pg(connectionString) {
    const pool = new pg.Pool({ connectionString, max: 1 })
    return { driver: pgDriver(pool), end: () => pool.end() }
  },
  postgres(url) {
    const instance = postgres(url, { max: 1 })
    return { driver: postgresJsDriver(instance), end: () => instance.end() }
  },
}

const list = 'select title from shop.products where title <> $1 order by title'
const askToken = "select current_setting('watertight.context') as token"
const askName = `select name from pg_prepared_statements where statement like '%set_config(''watertight.context''%'`

async function titles(tx: TxManager, context: TenantContext): Promise<string[]> {
  const { rows } = await tx.query<{ title: string }>(context, list, ['none'])
  return rows.map(({ title }) => title)
}

async function titlesInRun(tx: TxManager): Promise<string[]> {
  const { rows } = await tx.run(acme, (handle) => handle.query<{ title: string }>(list, ['none']))
  return rows.map(({ title }) => title)
}

/** PL/pgSQL that makes the statement of this name set the context of now, whatever it is given. */
function renaming(name: string): string {
  return `begin execute 'deallocate ${name}'; execute format('prepare ${name}(text) as
    select where $1 is null or set_config(''watertight.context'', %L, true) is null',
    current_setting('watertight.context'));`
}
const doRename = (name: string, last = ''): string => `do $do$ ${renaming(name)} ${last} end $do$`
const makeFunction = (name: string): string => `create function pg_temp.rename() returns void
  language plpgsql as $f$ ${renaming(name)} end $f$`

const divided = { sqlState: '22012' }

/** What SQL that was injected into transactions of globex could send. */
const attempts: readonly (readonly [string, (tx: TxManager, name: string) => Promise<unknown>])[] =
  [
    ['DO, sent alone', (tx, name) => tx.query(globex, doRename(name))],
    [
      'DO that fails, sent alone',
      (tx, name) =>
        expect(tx.query(globex, doRename(name, 'perform 1 / 0;'))).rejects.toMatchObject(divided),
    ],
    ['DO in a batch', (tx, name) => tx.batch(globex, ['select 1', doRename(name), 'select 1'])],
    [
      'DO behind empty commands and comments',
      (tx, name) => tx.query(globex, `;/* select */; -- select\n${doRename(name)}`),
    ],
    ['DO within run', (tx, name) => tx.run(globex, (handle) => handle.query(doRename(name)))],
    [
      'DO within run that is rolled back',
      (tx, name) =>
        expect(
          tx.run(globex, async (handle) => {
            await handle.query(doRename(name))
            throw new TypeError('rolled back')
          }),
        ).rejects.toThrow('rolled back'),
    ],
    [
      'DO in a savepoint that is rolled back',
      (tx, name) =>
        tx.run(globex, async (handle) => {
          const nested = tx.run(globex, () => handle.query(doRename(name, 'perform 1 / 0;')))
          await expect(nested).rejects.toMatchObject(divided)
        }),
    ],
    [
      'DO whose end nobody awaits',
      (tx, name) => tx.run(globex, (handle) => void handle.query(doRename(name))),
    ],
    [
      'DEALLOCATE and PREPARE',
      async (tx, name) => {
        const { rows } = await tx.query<{ token: string }>(globex, askToken)
        await tx.batch(globex, [
          `deallocate ${name}`,
          `prepare ${name}(text) as select
           where $1 is null or set_config('watertight.context', '${rows[0]?.token}', true) is null`,
        ])
      },
    ],
    [
      'a function that it makes',
      (tx, name) =>
        tx.run(globex, async (handle) => {
          await handle.query(makeFunction(name))
          await handle.query('select pg_temp.rename()')
        }),
    ],
    [
      'a function that it makes and calls later',
      async (tx, name) => {
        await tx.query(globex, makeFunction(name))
        const gone = { sqlState: '3F000' }
        await expect(tx.query(globex, 'select pg_temp.rename()')).rejects.toMatchObject(gone)
      },
    ],
  ]

/** Built-in functions that run SQL which they are given as text. */
const runners: readonly string[] = [
  "query_to_xml($sql$, true, true, '')",
  "query_to_xmlschema($sql$, true, true, '')",
  "query_to_xml_and_xmlschema($sql$, true, true, '')",
  "ts_rewrite('a'::tsquery, $sql$)",
  'ts_stat($sql$)',
]

let shop: AttackedShop
beforeAll(async () => {
  shop = await openAttackedShop(serverMajors.at(-1) ?? 18)
})
afterAll(() => shop.drop())

const opened: Opened[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ end }) => end()))
})

/** A manager with one connection, on which statements of globex are prepared; one sets its context. */
async function connect(
  kind: 'pg' | 'postgres',
): Promise<{ driver: Driver; tx: TxManager; name: string }> {
  const open = drivers[kind](shop.urlFor(shop.roleOf('app')))
  opened.push(open)
  const tx = createTxManager({ pools: { app: open.driver }, signingKey: keys.current })
  for (let use = 0; use < 3; use += 1) expect(await titles(tx, globex)).toEqual(['moon', 'ray'])
  const { rows } = await tx.query<{ name: string }>(globex, askName)
  expect(rows).toHaveLength(1)
  return { driver: open.driver, tx, name: rows[0]?.name ?? '' }
}

describe.each(['pg', 'postgres'] as const)('with %s', (kind) => {
  it('a statement that was renamed would run with the context of others', async () => {
    const { driver, tx, name } = await connect(kind)
    const { rows } = await tx.query<{ token: string }>(globex, askToken)
    const session = await driver.acquire()
    const set = "select set_config('watertight.context', $1, true)"
    await session.flight([
      { text: set, values: [rows[0]?.token] },
      { text: doRename(name), values: [] },
    ])
    session.release(false)
    expect(await titles(tx, acme)).toEqual(['moon', 'ray'])
  })

  it.each(attempts)(
    'no tenant gives statements of others another text by %s',
    async (_how, attempt) => {
      const { tx, name } = await connect(kind)
      await attempt(tx, name)
      for (let use = 0; use < 3; use += 1) {
        expect(await titles(tx, acme)).toEqual(['anvil', 'rocket'])
        expect(await titlesInRun(tx)).toEqual(['anvil', 'rocket'])
      }
    },
  )
})

it.each(runners)('%s names no statement', async (call) => {
  const { tx, name } = await connect('pg')
  for (const command of [`deallocate ${name}`, 'prepare other as select 1', doRename(name)]) {
    const text = `select ${call.replace('$sql$', () => `$sql$${command}$sql$`)}`
    // Built without XML, the server refuses the function before it looks at its text.
    const refused = { sqlState: expect.stringMatching(/^(?:0A000|42P11|42P14)$/) }
    await expect(tx.query(globex, text)).rejects.toMatchObject(refused)
  }
  expect((await tx.query(globex, askName)).rows).toEqual([{ name }])
})

it('a context is set by set_config of pg_catalog, whatever search_path its role has given itself', async () => {
  await shop.admin.query('create schema open; grant usage, create on schema open to public')
  const client = await shop.as('app')
  await client.query(`create function open.set_config(text, text, boolean) returns text
    language sql as $$ select pg_catalog.set_config($1, '${shop.token('app', { t: ids.globex })}', $3) $$`)
  const url = shop.urlFor(shop.roleOf('app'))
  const path = async (options?: string): Promise<unknown> => {
    const pool = new pg.Pool({ connectionString: url, max: 1, options })
    const { rows } = await pool.query('show search_path')
    await pool.end()
    return rows
  }
  await client.query('alter role current_user set search_path = open, pg_catalog')
  try {
    expect(await path()).toEqual([{ search_path: 'open, pg_catalog' }])
    expect(await path('-c search_path=shop')).toEqual([{ search_path: 'shop' }])
    const { tx } = await connect('pg')
    expect(await titles(tx, acme)).toEqual(['anvil', 'rocket'])
  } finally {
    await client.query('alter role current_user reset all')
  }
})
