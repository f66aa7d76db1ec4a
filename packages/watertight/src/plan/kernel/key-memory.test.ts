import type pg from 'pg'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { keys, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'
import {
  addSigningKey,
  applyPlan,
  makePlan,
  retireSigningKey,
  revokeSigningKey,
  rollbackPlan,
} from '../../migrate/index.js'
import { hmacPads } from '../../runtime/index.js'
import { createFunction } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'
import { keyMemory } from './key-memory.js'
import { signedFunctions } from './signed-functions.js'

const visible = `select count(*)::int as rows, (select count(*)::int from shop.products) as products from shop.orders`
/** Asks for the tenant when it has got the lock. */
const asksLate = `with step as materialized (select pg_advisory_lock(1)::text as lock)
  select count(*) from step, lateral (select * from shop.orders where step.lock is not null offset 0) o`
const lookups = `select coalesce(sum(seq_scan + idx_scan), 0)::int as lookups from pg_stat_xact_all_tables
  where schemaname = 'watertight' and relname = 'signing_keys'`

/** Ways to end a key, each of which refuses its tokens from the next statement on. */
const endings: readonly (readonly [string, (admin: pg.Client) => Promise<unknown>])[] = [
  ['revoking it', (admin) => revokeSigningKey(admin, keys.second.kid)],
  ['retiring it', (admin) => retireSigningKey(admin, keys.second.kid, new Date(Date.now() - 1))],
  [
    'giving its id to another secret',
    (admin) => {
      const { inner, outer } = hmacPads(Buffer.alloc(32, 7))
      const values = [keys.second.kid, inner, outer]
      return admin.query(
        'update watertight.signing_keys set inner_key = $2, outer_key = $3 where kid = $1',
        values,
      )
    },
  ],
  ['emptying the table', (admin) => admin.query('truncate watertight.signing_keys')],
  [
    'ending it where triggers do not fire, as replication does',
    (admin) =>
      admin.query(
        `begin; set local session_replication_role = replica; delete from watertight.signing_keys; commit`,
      ),
  ],
]

/** What may lock relations of the kernel until the end of a transaction, without a privilege. */
const holds: readonly string[] = ['applied_plans', 'signing_keys'].flatMap((table) => [
  `prepare held as select from watertight.${table}`,
  `prepare held as select from watertight.${table} for update`,
  `prepare held as insert into watertight.${table} default values`,
  `prepare held as delete from watertight.${table}`,
  `prepare held as select from watertight.${table}_pkey`,
  `prepare held as select from watertight.${table}; execute held`,
  `prepare held as select from watertight.${table}; explain execute held`,
  `explain select from watertight.${table} where false`,
  `declare held cursor for select from watertight.${table}`,
  `lock table watertight.${table} in access share mode`,
  `lock table watertight.${table}_pkey in access share mode`,
  `analyze watertight.${table}`,
  `comment on index watertight.${table}_pkey is 'held'`,
  `select pg_indexes_size('watertight.${table}'), pg_relation_size('watertight.${table}_pkey')`,
  `select pg_get_indexdef('watertight.${table}_pkey'::regclass)`,
  `select from pg_get_object_address('index', '{watertight,${table}_pkey}', '{}')`,
  `select from pg_partition_tree('watertight.${table}_pkey')`,
  `select pg_relation_is_updatable('watertight.${table}_pkey', true)`,
])

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  const shops: AttackedShop[] = []
  let shop: AttackedShop
  let client: pg.Client
  const second = (): string => shop.token('app', {}, keys.second)

  beforeEach(async () => {
    shop = await openAttackedShop(major)
    shops.push(shop)
    client = await shop.as('app')
  })
  afterAll(async () => {
    for (const each of shops) await each.drop()
  })

  const set = (token: string): Promise<unknown> =>
    client.query(`select set_config('watertight.context', $1, false)`, [token])

  async function rowsSeen(token?: string): Promise<number> {
    if (token !== undefined) await set(token)
    const { rows } = await client.query<{ rows: number }>(visible)
    return rows[0]?.rows ?? -1
  }

  /** How often the table of keys was read by `work`, in one transaction. */
  async function lookupsOf(work: () => Promise<unknown>): Promise<number> {
    const count = async (): Promise<number> =>
      (await client.query<{ lookups: number }>(lookups)).rows[0]?.lookups ?? -1
    await client.query('begin')
    const before = await count()
    await work()
    const after = await count()
    await client.query('commit')
    return after - before
  }

  /** Replaces every function of the kernel that has the guard by one without. */
  async function weaken(guard: RegExp, without: string): Promise<void> {
    const shapes = [...keyMemory, ...signedFunctions(shop.model, 'uuid')]
    const weakened = shapes.flatMap((shape): FunctionShape[] => {
      const text = shape.body.text.replace(guard, without)
      return text === shape.body.text ? [] : [{ ...shape, body: { ...shape.body, text } }]
    })
    expect(weakened).not.toEqual([])
    for (const shape of weakened) await shop.admin.query(createFunction(shape).text)
  }

  /** A key is revoked while a statement runs that has a snapshot and has not asked for a tenant yet. */
  async function revokeDuringStatement(): Promise<void> {
    await set(second())
    await shop.admin.query('select pg_advisory_lock(1)')
    const waiting = client.query(asksLate)
    await waitsForLock(shop.admin)
    await revokeSigningKey(shop.admin, keys.second.kid)
    await shop.admin.query('select pg_advisory_unlock(1)')
    await waiting
  }

  describe('a key that a session remembers', () => {
    it('is not looked up again', async () => {
      await rowsSeen(second())
      expect(await lookupsOf(() => rowsSeen())).toBe(0)
    })

    it.each(endings)('ends with %s, for the next transaction', async (_how, end) => {
      expect(await rowsSeen(second())).toBe(2)
      await end(shop.admin)
      expect(await rowsSeen()).toBe(0)
    })

    it.each(endings)('ends with %s, within an open transaction', async (_how, end) => {
      const listing = { name: 'orders', text: 'select id from shop.orders' }
      await client.query('set plan_cache_mode = force_generic_plan')
      await set(second())
      await client.query(listing)
      await client.query('begin')
      expect((await client.query(listing)).rowCount).toBe(2)
      await end(shop.admin)
      expect((await client.query(listing)).rowCount).toBe(0)
    })

    it.each(holds)('ends within an open transaction that ran %s', async (hold) => {
      const listing = { name: 'orders', text: 'select id from shop.orders' }
      await client.query('set plan_cache_mode = force_generic_plan')
      await set(second())
      await client.query(listing)
      await client.query('begin; savepoint before')
      expect((await client.query(listing)).rowCount).toBe(2)
      await client.query(hold).catch(() => client.query('rollback to before'))
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect((await client.query(listing)).rowCount).toBe(0)
    })

    it('stays when the end of it is rolled back', async () => {
      await rowsSeen(second())
      await shop.admin.query(`begin; delete from watertight.signing_keys; rollback`)
      expect(await rowsSeen()).toBe(2)
    })

    it('is known to parallel workers, and ends there', async () => {
      await client.query(`set ${major >= 16 ? 'debug_parallel_query' : 'force_parallel_mode'} = on`)
      expect(await rowsSeen(second())).toBe(2)
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect(await rowsSeen()).toBe(0)
    })
  })

  describe('a session', () => {
    it('takes a key that is added later, and remembers it', async () => {
      const later = { kid: 'later', secret: Buffer.alloc(32, 9) }
      expect(await rowsSeen(shop.token('app', {}, later))).toBe(0)
      await addSigningKey(shop.admin, later)
      expect(await rowsSeen()).toBe(2)
      expect(await lookupsOf(() => rowsSeen())).toBe(0)
    })

    it('remembers older keys beside the newest, and which of them is which', async () => {
      const later = { kid: 'later', secret: Buffer.alloc(32, 9) }
      await addSigningKey(shop.admin, later)
      await rowsSeen(second())
      expect(await lookupsOf(() => rowsSeen())).toBe(0)
      expect(await lookupsOf(() => rowsSeen(shop.token('app', {}, later)))).toBe(0)
      const mistaken = { kid: keys.second.kid, secret: later.secret }
      expect(await rowsSeen(shop.token('app', {}, mistaken))).toBe(0)
    })

    it('never remembers a key that was not committed', async () => {
      const role = shop.roleOf('app')
      const own = { kid: 'own', secret: Buffer.alloc(32, 9) }
      const token = shop.token('app', {}, own)
      client = shop.admin
      for (const undo of ['rollback', 'rollback to before']) {
        await client.query('begin; savepoint before')
        await insert(client, own)
        await client.query(`set local role "${role}"`)
        expect(await rowsSeen(token)).toBe(2)
        await client.query(undo)
        await client.query(`set local role "${role}"`).catch(() => undefined)
        await client.query(`set role "${role}"`)
        expect(await rowsSeen(token)).toBe(0)
        await client.query('rollback; reset role')
      }
    })

    it('under a snapshot that lasts goes by the table, and remembers nothing old', async () => {
      await client.query('begin isolation level repeatable read')
      expect(await rowsSeen(second())).toBe(2)
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect(await rowsSeen(second())).toBe(2)
      await client.query('commit')
      expect(await rowsSeen(second())).toBe(0)
    })

    it('remembers nothing by the snapshot of a statement that began before', async () => {
      await revokeDuringStatement()
      expect(await rowsSeen()).toBe(0)
    })
  })

  it.each(['current_keys', 'remembered_keys'])(
    'no role of the model may call %s, and one that could would read no key',
    async (name) => {
      const call = `select watertight.${name}()`
      for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
        const other = await shop.as(mode)
        const denied = { code: '42501', message: expect.stringContaining(name) }
        await expect(other.query(call)).rejects.toMatchObject(denied)
        await shop.admin.query(`grant execute on function watertight.${name}() to public`)
        await expect(other.query(call)).rejects.toMatchObject({ code: '42501' })
        await shop.admin.query(`revoke execute on function watertight.${name}() from public`)
      }
    },
  )

  it.each([
    ['is gone', 'drop trigger watertight_forget_keys on watertight.signing_keys'],
    ['is off', 'alter table watertight.signing_keys disable trigger watertight_forget_keys'],
    [
      'misses deletions',
      `drop trigger watertight_forget_keys on watertight.signing_keys;
       create trigger watertight_forget_keys after update on watertight.signing_keys
         for each statement execute function watertight.forget_keys();
       alter table watertight.signing_keys enable always trigger watertight_forget_keys`,
    ],
  ])('a plan puts the trigger back when it %s, and takes that back', async (_how, change) => {
    await applyPlan(shop.admin, await makePlan(shop.admin, shop.model), {
      allow: ['NARROWS_ACCESS'],
    })
    await shop.admin.query(change)
    const plan = await makePlan(shop.admin, shop.model)
    expect(plan.steps.map(({ summary }) => summary)).toEqual(['let sessions forget keys that end'])
    await applyPlan(shop.admin, plan)
    expect((await makePlan(shop.admin, shop.model)).steps).toEqual([])
    await rollbackPlan(shop.admin)
    expect((await makePlan(shop.admin, shop.model)).steps).toEqual(plan.steps)
  })

  describe('is needed:', () => {
    it('the trigger, or a revoked key would be remembered', async () => {
      await shop.admin.query(
        'alter table watertight.signing_keys disable trigger watertight_forget_keys',
      )
      await rowsSeen(second())
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect(await rowsSeen()).toBe(2)
    })

    it('listening for changes, or an open transaction would go on with a revoked key', async () => {
      await weaken(/pg_relation_is_updatable\(.*?\) is not null/, 'true')
      const listing = { name: 'orders', text: 'select id from shop.orders' }
      await client.query('set plan_cache_mode = force_generic_plan')
      await set(second())
      await client.query(listing)
      await client.query('begin')
      await client.query(listing)
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect((await client.query(listing)).rowCount).toBe(2)
    })

    it('an index to listen by, or PREPARE would keep an open transaction from hearing', async () => {
      await weaken(/applied_plans_pkey/, 'applied_plans')
      const listing = { name: 'orders', text: 'select id from shop.orders' }
      await client.query('set plan_cache_mode = force_generic_plan')
      await set(second())
      await client.query(listing)
      await client.query('begin')
      await client.query(listing)
      await client.query('prepare held as select from watertight.applied_plans')
      await revokeSigningKey(shop.admin, keys.second.kid)
      expect((await client.query(listing)).rowCount).toBe(2)
    })

    it('the table under a snapshot that lasts, or an old key would be remembered', async () => {
      await weaken(/current_setting\('transaction_isolation'\) = 'read committed'/, 'true')
      await client.query('begin isolation level repeatable read')
      await client.query('select 1 from shop.currencies')
      await revokeSigningKey(shop.admin, keys.second.kid)
      await rowsSeen(second())
      await client.query('commit')
      expect(await rowsSeen(second())).toBe(2)
    })

    it('to remember nothing of a transaction that writes keys', async () => {
      await weaken(/if exists .*?end if;/s, '')
      const role = shop.roleOf('app')
      const own = { kid: 'own', secret: Buffer.alloc(32, 9) }
      client = shop.admin
      await client.query('begin')
      await insert(client, own)
      await client.query(`set local role "${role}"`)
      await rowsSeen(shop.token('app', {}, own))
      await client.query('rollback')
      await client.query(`set role "${role}"`)
      expect(await rowsSeen(shop.token('app', {}, own))).toBe(2)
      await client.query('reset role')
    })

    it('a snapshot of its own, or an old one would be remembered', async () => {
      await weaken(/return watertight\.current_keys\(\);/, readsOldKeys)
      await revokeDuringStatement()
      expect(await rowsSeen()).toBe(2)
    })
  })
})

const readsOldKeys = `return (select jsonb_object_agg(k.kid, encode(k.inner_key || k.outer_key, 'hex'))
  from watertight.signing_keys k where k.not_after is null);`

async function insert(db: pg.Client, key: { kid: string; secret: Buffer }): Promise<void> {
  const { inner, outer } = hmacPads(key.secret)
  await db.query(
    'insert into watertight.signing_keys (kid, inner_key, outer_key) values ($1, $2, $3)',
    [key.kid, inner, outer],
  )
}

async function waitsForLock(admin: pg.Client): Promise<void> {
  const waiting = `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`
  for (;;) {
    const { rows } = await admin.query<{ n: number }>(waiting)
    if (rows[0]?.n === 1) return
    await new Promise((done) => setTimeout(done, 10))
  }
}
