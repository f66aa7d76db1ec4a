import type pg from 'pg'
import type { ContextSource, TenancyInput } from 'watertight/model'

/** How much a shop holds. */
export interface ShopSize {
  readonly tenants: number
  readonly itemsPerTenant: number
}

/** Levels of the tree of org units below the root of each tenant. */
const treeDepth = 6

/** The schema that every variant uses: same tables, columns and indexes. */
const schema = `
create schema shop;
create table shop.tenants (id uuid primary key, name text not null);
create table shop.org_units (
  id uuid primary key,
  tenant_id uuid not null references shop.tenants,
  parent_id uuid references shop.org_units,
  name text not null);
create table shop.suppliers (id uuid primary key, tenant_id uuid not null references shop.tenants, name text not null);
create table shop.items (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references shop.tenants,
  supplier_id uuid not null references shop.suppliers,
  position int not null,
  name text not null,
  price int not null,
  stock int not null);
create table shop.orders (
  id uuid primary key,
  tenant_id uuid not null references shop.tenants,
  org_unit_id uuid not null references shop.org_units,
  item_id uuid not null references shop.items,
  placed_on date not null);
create table shop.order_lines (
  id uuid primary key,
  tenant_id uuid not null references shop.tenants,
  order_id uuid not null references shop.orders,
  quantity int not null);
create table shop.notes (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  body text not null);
`

/** Ids are computed, so that a load generator knows them without asking. */
const rows = `
create function pg_temp.id(kind int, tenant int, number int) returns uuid immutable language sql as
  $$ select (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(tenant), 6, '0') || lpad(to_hex(number), 6, '0'))::uuid $$;
insert into shop.tenants select pg_temp.id(1, t, 0), 'tenant ' || t from generate_series(0, {tenants} - 1) t;
insert into shop.org_units
  select pg_temp.id(2, t, n), pg_temp.id(1, t, 0), case when n > 1 then pg_temp.id(2, t, n / 2) end, 'unit ' || n
  from generate_series(0, {tenants} - 1) t, generate_series(1, {units}) n;
insert into shop.suppliers select pg_temp.id(3, t, n), pg_temp.id(1, t, 0), 'supplier ' || n
  from generate_series(0, {tenants} - 1) t, generate_series(0, 9) n;
insert into shop.items
  select pg_temp.id(4, t, n), pg_temp.id(1, t, 0), pg_temp.id(3, t, n % 10), n, 'item ' || n, n * 10, 1000000
  from generate_series(0, {tenants} - 1) t, generate_series(0, {items} - 1) n;
insert into shop.orders
  select pg_temp.id(5, t, n), pg_temp.id(1, t, 0), pg_temp.id(2, t, 1 + n % {units}), pg_temp.id(4, t, n), date '2026-01-01' + n
  from generate_series(0, {tenants} - 1) t, generate_series(0, {items} - 1) n;
insert into shop.order_lines
  select pg_temp.id(6, t, n), pg_temp.id(1, t, 0), pg_temp.id(5, t, n / 2), 1 + n % 5
  from generate_series(0, {tenants} - 1) t, generate_series(0, 2 * {items} - 1) n;
`

const indexes = `
create index on shop.org_units (tenant_id, parent_id);
create index on shop.org_units (parent_id);
create index on shop.suppliers (tenant_id);
create index on shop.items (tenant_id, position);
create index on shop.orders (tenant_id, org_unit_id);
create index on shop.order_lines (tenant_id, order_id);
create index on shop.notes (tenant_id);
`

/** Tables with a tenant column, in the order of their foreign keys. */
export const tenantTables = [
  'org_units',
  'suppliers',
  'items',
  'orders',
  'order_lines',
  'notes',
] as const

export async function createShop(client: pg.Client, size: ShopSize): Promise<void> {
  const filled = rows
    .replaceAll('{tenants}', String(size.tenants))
    .replaceAll('{items}', String(size.itemsPerTenant))
    .replaceAll('{units}', String(2 ** treeDepth - 1))
  await client.query(schema)
  await client.query(filled)
  await client.query(indexes)
  // Outside of a transaction block, as VACUUM wants it.
  await client.query('vacuum analyze')
}

type Kind = 'tenant' | 'unit' | 'supplier' | 'item' | 'order' | 'line'

const kinds: Readonly<Record<Kind, number>> = {
  tenant: 1,
  unit: 2,
  supplier: 3,
  item: 4,
  order: 5,
  line: 6,
}

export function idOf(kind: Kind, tenant: number, number = 0): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  return `${hex(kinds[kind], 8)}-0000-7000-8000-${hex(tenant, 6)}${hex(number, 6)}`
}

/** The declaration of the shop for watertight. */
export function shopTenancy(prefix: string, context: ContextSource['kind']): TenancyInput {
  return {
    tenantKey: { table: 'shop.tenants', columnByTable: { 'shop.tenants': 'id' } },
    ...(context === 'signed'
      ? { context: { kind: 'signed' }, orgUnits: { table: 'shop.org_units' } }
      : { context: { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' } }),
    roles: { prefix },
    schemas: ['shop'],
    tables: {
      'shop.tenants': { scope: 'tenant' },
      'shop.org_units': { scope: 'tenant' },
      'shop.suppliers': { scope: 'tenant' },
      'shop.items': { scope: 'tenant' },
      'shop.orders': { scope: context === 'signed' ? 'org' : 'tenant' },
      'shop.order_lines': { scope: 'tenant' },
      'shop.notes': { scope: 'tenant' },
    },
  }
}
