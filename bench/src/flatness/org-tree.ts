import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import { quantile, timesOf, withScopedDatabase } from './scoped-database.js'

export interface OrgTree {
  readonly units: number
  readonly depth: number
  /** Milliseconds of a list of ten, median, by org scope. */
  readonly rootMs: number
  readonly leafMs: number
  readonly allMs: number
  /** The same list of a table whose rows belong to the tenant alone. */
  readonly withoutMs: number
}

const depth = 12
const tenant = '00000001-0000-7000-8000-000000000000'
const unitId = (number: number): string =>
  `00000002-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

const schema = `
create schema shop;
create table shop.org_units (id uuid primary key, tenant_id uuid not null, parent_id uuid references shop.org_units);
create table shop.orders (id bigint primary key, tenant_id uuid not null, org_unit_id uuid not null, placed int not null);
create table shop.notes (id bigint primary key, tenant_id uuid not null, placed int not null)`

const rows = 100_000

const fillUnits = `
insert into shop.org_units select
  ('00000002-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $3::uuid,
  case when n > 1 then ('00000002-0000-7000-8000-' || lpad(to_hex(greatest(1, (n * $2::float8)::int)), 12, '0'))::uuid end
  from generate_series(1, $1::int) n`

const fillOrders = `
insert into shop.orders select n, $2::uuid, ('00000002-0000-7000-8000-' || lpad(to_hex(1 + n % $1::int), 12, '0'))::uuid, n
  from generate_series(1, $3::int) n`

const fillNotes = 'insert into shop.notes select n, $1::uuid, n from generate_series(1, $2::int) n'

const lists = {
  orders: 'select id, placed from shop.orders where placed >= $1 order by placed limit 10',
  notes: 'select id, placed from shop.notes where placed >= $1 order by placed limit 10',
}

/** Lists of a tenant with a tree of that many org units, twelve deep. */
export function measureOrgTree(
  serverUrl: string,
  { units, samples }: { units: number; samples: number },
): Promise<OrgTree> {
  return withScopedDatabase(serverUrl, `units_${units}`, {
    model: {
      tenantKey: {},
      orgUnits: { table: 'shop.org_units' },
      schemas: ['shop'],
      tables: {
        'shop.org_units': { scope: 'tenant' },
        'shop.orders': { scope: 'org' },
        'shop.notes': { scope: 'tenant' },
      },
    },
    async fill(client) {
      await client.query(schema)
      // A parent's number is a fixed share of its child's, so that the tree is as deep as wanted.
      await client.query(fillUnits, [units, units ** (-1 / (depth - 1)), tenant])
      await client.query(fillOrders, [units, tenant, rows])
      await client.query(fillNotes, [tenant, rows])
      for (const index of [
        'create index on shop.org_units (tenant_id, parent_id)',
        'create index on shop.org_units (parent_id)',
        'create index on shop.orders (tenant_id, org_unit_id)',
        'create index on shop.orders (tenant_id, placed)',
        'create index on shop.notes (tenant_id, placed)',
      ]) {
        await client.query(index)
      }
    },
    async use({ prepared }) {
      const measure = async (
        context: TenantContext,
        table: keyof typeof lists,
      ): Promise<number> => {
        const call = (index: number): Promise<unknown> =>
          prepared.query(context, lists[table], [index])
        await timesOf(20, call)
        return quantile(await timesOf(samples, call), 0.5) / 1000
      }
      return {
        units,
        depth,
        rootMs: await measure(inUnit('subtree', unitId(1)), 'orders'),
        leafMs: await measure(inUnit('subtree', unitId(units)), 'orders'),
        allMs: await measure(inUnit('all'), 'orders'),
        withoutMs: await measure(inUnit('all'), 'notes'),
      }
    },
  })
}

function inUnit(orgScope: 'subtree' | 'all', orgUnitId?: string): TenantContext {
  return parseTenantContext({
    mode: 'member',
    tenantId: tenant,
    expiresAt: Math.floor(Date.now() / 1000) + 3600,
    orgScope,
    ...(orgUnitId !== undefined && { orgUnitId }),
  })
}
