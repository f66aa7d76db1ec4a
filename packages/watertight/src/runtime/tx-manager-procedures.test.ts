import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, keys, openAttackedShop } from '../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../test/database.js'
import { pgDriver } from '../drivers/pg.js'
import { parseTenantContext } from './parse-tenant-context.js'
import type { TenantContext } from './tenant-context.js'
import { createTxManager } from './tx-manager.js'
import type { TxManager } from './tx-manager.js'

/*
 * A context ends with its transaction. What comes after a COMMIT inside of a procedure would run with
 * what SQL has set for the session: the token of another tenant.
 */

const acme = member(ids.acme, ids.ann)
const globex = member(ids.globex, ids.gil)

function member(tenantId: string, userId: string): TenantContext {
  return parseTenantContext({ mode: 'member', tenantId, userId, orgScope: 'all' })
}

const procedures = `
create procedure shop.commits() language plpgsql as $$ begin commit; end $$;
create procedure shop.rolls_back() language plpgsql as $$ begin rollback; end $$;
create procedure shop.writes_after() language plpgsql as $$ begin
  commit; insert into shop.products (sku, title) values ('late', 'late'); end $$;
grant execute on all procedures in schema shop to public`

const keep = "select set_config('watertight.context', current_setting('watertight.context'), false)"
const list = 'select title from shop.products order by title'

const calls: readonly string[] = [
  'call shop.commits()',
  'call shop.rolls_back()',
  'call shop.writes_after()',
  'do $$ begin commit; end $$',
  `do $$ begin perform; commit; insert into shop.products (sku, title) values ('late', 'late'); end $$`,
  'do $$ begin call shop.commits(); end $$',
]

/** Commands that make transactions of their own where they stand alone, which they never do here. */
const commands: readonly string[] = [
  'analyze',
  'analyze shop.products, shop.orders',
  'vacuum',
  'vacuum shop.products',
  'vacuum (analyze) shop.products, shop.orders',
  'cluster',
  'discard all',
  'discard plans',
  'reindex database',
  'reindex table concurrently shop.products',
  'create database other',
  'alter system reset all',
  'explain analyze select 1',
  `listen other`,
]

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  let pool: pg.Pool
  let tx: TxManager
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    await shop.admin.query(procedures)
    pool = new pg.Pool({ connectionString: shop.urlFor(shop.roleOf('app')), max: 1 })
    tx = createTxManager({ pools: { app: pgDriver(pool) }, signingKey: keys.current })
  })
  afterAll(async () => {
    await pool.end()
    await shop.drop()
  })

  it.each(calls)('%s ends no transaction, so that no other context shows', async (call) => {
    const refused = { sqlState: '2D000' }
    const attempts = [
      () => tx.query(acme, call),
      () => tx.batch(acme, [call, list]),
      () => tx.batch(acme, [list, call, list]),
      () => tx.run(acme, (handle) => handle.query(call)),
      () => tx.run(acme, (handle) => handle.batch([call, list])),
    ]
    for (const attempt of attempts) {
      await tx.query(globex, keep)
      await expect(attempt()).rejects.toMatchObject(refused)
    }
    const titles = { rows: [{ title: 'anvil' }, { title: 'rocket' }] }
    expect(await tx.query(acme, list)).toMatchObject(titles)
    expect((await tx.query(globex, list)).rows).toEqual([{ title: 'moon' }, { title: 'ray' }])
  })

  it.each(commands)('%s ends no transaction either', async (command) => {
    for (const batch of [
      [command, list],
      [list, command, list],
    ]) {
      await tx.query(globex, keep)
      const last = await tx.batch(acme, batch).then(
        (results) => results.at(-1)?.rows,
        (error: { sqlState?: string }) => error.sqlState,
      )
      const refused = ['25001', '42501', '42601']
      if (refused.includes(String(last))) continue
      expect(last).toEqual([{ title: 'anvil' }, { title: 'rocket' }])
    }
  })
})
