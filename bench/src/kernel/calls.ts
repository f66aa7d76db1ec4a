import type pg from 'pg'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { withClient } from '../bench-server.js'
import type { Shops } from '../throughput/databases.js'
import { interleave, spreadOf } from '../throughput/rounds.js'
import { idOf } from '../throughput/shop.js'
import type { Figure } from './figure.js'

/** What is called; `begin` is said before it. */
interface Kind {
  readonly shop: 'plain' | 'signed'
  readonly call: Sql
  readonly begin: string
}

/** Parts of the kernel by themselves. */
const parts = `
create function pg_temp.nothing() returns uuid stable language plpgsql
  security definer set search_path = pg_catalog, pg_temp set debug_print_plan = off as $$ begin return null; end $$;
create function pg_temp.mac() returns uuid stable language plpgsql
  security definer set search_path = pg_catalog, pg_temp set debug_print_plan = off as $$
declare token bytea := convert_to(current_setting('watertight.context'), 'UTF8'); pad bytea := decode(repeat('5c', 64), 'hex');
begin if sha256(pad || sha256(pad || token)) = pad then return null; end if; return null; end $$`

const tenant = sql`watertight.tenant_id()`
const kinds = {
  'plain context': { shop: 'plain', call: tenant, begin: 'begin' },
  'signed context, key remembered': { shop: 'signed', call: tenant, begin: 'begin' },
  'signed context, key looked up (REPEATABLE READ)': {
    shop: 'signed',
    call: tenant,
    begin: 'begin isolation level repeatable read',
  },
  'of it: a call that does nothing': {
    shop: 'signed',
    call: sql`pg_temp.nothing()`,
    begin: 'begin',
  },
  'of it: that and the two hashes of the MAC': {
    shop: 'signed',
    call: sql`pg_temp.mac()`,
    begin: 'begin',
  },
} satisfies Readonly<Record<string, Kind>>

async function microseconds(
  client: pg.Client,
  { call, begin }: Kind,
  calls: number,
): Promise<number> {
  const time = async ({ text }: Sql): Promise<number> => {
    const start = process.hrtime.bigint()
    await client.query(text, [calls])
    return Number(process.hrtime.bigint() - start) / 1_000
  }
  await client.query(begin)
  await client.query(sql`select ${call}`.text)
  const empty = await time(sql`select count(current_user) from generate_series(1, $1::int)`)
  const spent = await time(sql`select count(${call}) from generate_series(1, $1::int)`)
  await client.query('commit')
  return (spent - empty) / calls
}

/** One call of a kernel function, many of them in one statement, each kind in turn. */
export async function measureCalls(
  shops: Shops,
  token: string,
  { calls, rounds }: { calls: number; rounds: number },
): Promise<readonly Figure[]> {
  return withClient(shops.adminUrls.signed, (signed) =>
    withClient(shops.adminUrls.plain, async (plain) => {
      await signed.query(parts)
      await signed.query(`select set_config('watertight.context', $1, false)`, [token])
      await plain.query(`select set_config('app.tenant_id', $1, false)`, [idOf('tenant', 0)])
      const names = Object.keys(kinds) as (keyof typeof kinds)[]
      const samples = await interleave(names, rounds, (name) => {
        const kind = kinds[name]
        return microseconds(kind.shop === 'signed' ? signed : plain, kind, calls)
      })
      return [...samples].map(([name, each]) => ({ name, microseconds: spreadOf(each) }))
    }),
  )
}
