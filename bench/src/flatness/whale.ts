import { memberOf } from '../adapters/watertight.js'
import { quantile, timesOf, withScopedDatabase } from './scoped-database.js'

interface Latency {
  /** Microseconds. */
  readonly median: number
  readonly p99: number
}

export interface WhaleCost {
  readonly whaleRows: number
  /** A small tenant right after the large one, on one connection with prepared statements. */
  readonly beside: Latency
  /** The small tenant with statements that are planned anew each time. */
  readonly fresh: Latency
}

const schema = `
create schema shop;
create table shop.events (id bigint primary key, tenant_id uuid not null, at int not null, kind int not null)`

const whale = '00000000-0000-7000-8000-000000000000'
const minnows = 1000
const rowsOfMinnow = 20

const fill = `
insert into shop.events
  select n, $2::uuid, n % 100000, n % 7 from generate_series(1, $1::bigint) n
  union all
  select $1::bigint + n, (lpad(to_hex(1 + n % $3::int), 8, '0') || '-0000-7000-8000-000000000000')::uuid, n % 100000, n % 7
  from generate_series(1, $4::int) n`

/** What tempts a planner that has the whale in mind to walk the index on time. */
const list = 'select id, at, kind from shop.events where at >= $1 order by at limit 10'

/**
 * The 99th percentile of small tenants whose prepared statements were planned while a large one used
 * them, beside statements that are planned for each call.
 */
export function measureWhale(
  serverUrl: string,
  { rows, samples }: { rows: number; samples: number },
): Promise<WhaleCost> {
  return withScopedDatabase(serverUrl, `whale_${rows}`, {
    model: { tenantKey: {}, schemas: ['shop'], tables: { 'shop.events': { scope: 'tenant' } } },
    async fill(client) {
      await client.query(schema)
      await client.query(fill, [rows, whale, minnows, minnows * rowsOfMinnow])
      await client.query('create index on shop.events (tenant_id, at)')
      await client.query('create index on shop.events (at)')
    },
    async use({ tx, prepared }) {
      const large = memberOf(whale)
      // Six calls and more: from then on the server may keep one plan for all.
      for (let call = 0; call < 20; call += 1) await prepared.query(large, list, [call])
      const small = (index: number): ReturnType<typeof memberOf> => {
        const tenant = 1 + (index % minnows)
        return memberOf(`${tenant.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`)
      }
      const beside = async (index: number): Promise<readonly number[]> => {
        await prepared.query(large, list, [index % 1000])
        return timesOf(1, () => prepared.query(small(index), list, [0]))
      }
      const fresh = (index: number): Promise<unknown> => tx.query(small(index), list, [0])
      for (let index = 0; index < 100; index += 1) {
        await beside(index)
        await fresh(index)
      }
      const besideTimes: number[] = []
      const freshTimes: number[] = []
      for (let index = 0; index < samples; index += 1) {
        besideTimes.push(...(await beside(index)))
        freshTimes.push(...(await timesOf(1, () => fresh(index))))
      }
      return { whaleRows: rows, beside: latency(besideTimes), fresh: latency(freshTimes) }
    },
  })
}

function latency(times: number[]): Latency {
  const sorted = times.sort((left, right) => left - right)
  return { median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}
