import { memberOf } from '../adapters/watertight.js'
import { quantile, timesOf, withScopedDatabase } from './scoped-database.js'

export interface TenantCost {
  readonly tenants: number
  readonly rows: number
  /** Microseconds of one flight, median. */
  readonly pointReadUs: number
  readonly listUs: number
}

const schema = `
create schema shop;
create table shop.items (id bigint not null, tenant_id uuid not null, name text not null, price int not null)`

/** Rows of a tenant are spread over the table, as they come in over time. */
const fill = `
insert into shop.items
  select n, (lpad(to_hex(n % $1::bigint), 8, '0') || '-0000-7000-8000-000000000000')::uuid, 'item ' || n, (n % 1000)::int
  from generate_series(0, $1::bigint * $2::bigint - 1) n`

const indexes = [
  'alter table shop.items add primary key (id)',
  'create index on shop.items (tenant_id, id)',
]

const read = 'select id, tenant_id, name, price from shop.items where id = $1'
const list = 'select id, tenant_id, name, price from shop.items where id >= $1 order by id limit 10'

/** A point read and a list of ten of tenants drawn evenly, on tables of one size. */
export function measureTenants(
  serverUrl: string,
  size: { tenants: number; rowsPerTenant: number; samples: number },
): Promise<TenantCost> {
  const { tenants, rowsPerTenant, samples } = size
  return withScopedDatabase(serverUrl, `tenants_${tenants}`, {
    model: { tenantKey: {}, schemas: ['shop'], tables: { 'shop.items': { scope: 'tenant' } } },
    async fill(client) {
      await client.query(schema)
      await client.query(fill, [tenants, rowsPerTenant])
      for (const index of indexes) await client.query(index)
    },
    async use({ prepared }) {
      const tenantOf = (index: number): number =>
        (Math.imul(index + 1, 2_654_435_761) >>> 0) % tenants
      const context = (tenant: number): ReturnType<typeof memberOf> =>
        memberOf(`${tenant.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`)
      const point = async (index: number): Promise<void> => {
        const tenant = tenantOf(index)
        const row = tenant + tenants * (index % rowsPerTenant)
        const { rows } = await prepared.query(context(tenant), read, [row])
        if (rows.length !== 1) throw new Error('a tenant did not find its own row')
      }
      const page = async (index: number): Promise<void> => {
        const { rows } = await prepared.query(context(tenantOf(index)), list, [0])
        if (rows.length !== Math.min(10, rowsPerTenant)) throw new Error('a list is not whole')
      }
      // Warm: the same tenants once before, so that what is measured is not reading from disk.
      await timesOf(samples, point)
      const points = await timesOf(samples, point)
      await timesOf(samples, page)
      const pages = await timesOf(samples, page)
      return {
        tenants,
        rows: tenants * rowsPerTenant,
        pointReadUs: quantile(points, 0.5),
        listUs: quantile(pages, 0.5),
      }
    },
  })
}
