import { parseArgs } from 'node:util'
import type pg from 'pg'
import { parseSigningKey, parseTenantContext, signContext } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import {
  machineLine,
  markdownTable,
  recordResult,
  today,
  withClient,
  withServer,
} from './bench-server.js'
import { withShops } from './throughput/databases.js'
import type { Shops } from './throughput/databases.js'
import { spreadOf } from './throughput/rounds.js'
import type { Spread } from './throughput/rounds.js'
import { idOf } from './throughput/shop.js'

/*
 * Where the time of a verified context goes, in the server alone: microseconds of one call, each kind
 * in turn, many calls in one statement:
 *   npm run bench:kernel -- [--calls 50000] [--rounds 9] [--json] [--out bench/results]
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

/** What is called; `begin` is said before it. */
interface Kind {
  readonly name: string
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
const kinds: readonly Kind[] = [
  { name: 'plain context', shop: 'plain', call: tenant, begin: 'begin' },
  { name: 'signed context, key remembered', shop: 'signed', call: tenant, begin: 'begin' },
  {
    name: 'signed context, key looked up (REPEATABLE READ)',
    shop: 'signed',
    call: tenant,
    begin: 'begin isolation level repeatable read',
  },
  {
    name: 'of it: a call that does nothing',
    shop: 'signed',
    call: sql`pg_temp.nothing()`,
    begin: 'begin',
  },
  {
    name: 'of it: that and the two hashes of the MAC',
    shop: 'signed',
    call: sql`pg_temp.mac()`,
    begin: 'begin',
  },
]

interface Figure {
  readonly name: string
  /** Microseconds of one call, the loop taken off. */
  readonly microseconds: Spread
}

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

async function measure(shops: Shops): Promise<readonly Figure[]> {
  const calls = Number(values.calls)
  const expiresAt = Math.floor(Date.now() / 1_000) + 3_600
  const tenantId = idOf('tenant', 0)
  const context = parseTenantContext({ mode: 'member', tenantId, userId: tenantId, expiresAt })
  const token = signContext(context, parseSigningKey(shops.signingKey))
  return withClient(shops.adminUrls.signed, (signed) =>
    withClient(shops.adminUrls.plain, async (plain) => {
      await signed.query(parts)
      await signed.query(`select set_config('watertight.context', $1, false)`, [token])
      await plain.query(`select set_config('app.tenant_id', $1, false)`, [tenantId])
      const samples = new Map<string, number[]>(kinds.map(({ name }) => [name, []]))
      for (let round = 0; round < Number(values.rounds); round += 1) {
        for (const kind of kinds) {
          const client = kind.shop === 'signed' ? signed : plain
          samples.get(kind.name)?.push(await microseconds(client, kind, calls))
        }
      }
      return [...samples].map(([name, each]) => ({ name, microseconds: spreadOf(each) }))
    }),
  )
}

await withServer((url) =>
  withShops(url, { tenants: 10, itemsPerTenant: 10 }, async (shops) => {
    const results = await measure(shops)
    const machine = await machineLine(url)
    const table = markdownTable(
      ['one call of `watertight.tenant_id()`', 'median µs', 'least', 'most'],
      results.map(({ name, microseconds: { median, min, max } }) => [
        name,
        ...[median, min, max].map((value) => value.toFixed(1)),
      ]),
    )
    console.log(values.json ? JSON.stringify({ machine, results }, null, 2) : table)
    if (values.out !== undefined) {
      const text = `# What verifying a context costs, ${today()}\n\n${machine}.\n\n${table}\n`
      await recordResult(values.out, 'kernel', text, { machine, results })
    }
  }),
)
