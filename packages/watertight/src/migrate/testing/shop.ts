import type { TenancyInput } from '../../model/index.js'

/**
 * A small shop with one of everything that the isolation layer has to deal with: a tree of org
 * units, loose and composite foreign keys, a child without tenant column, partitions, an
 * append-only table, global and self tables, published rows, views, odd names.
 */
export const shopSchema = `
create schema shop;
create table shop.tenants (id uuid primary key default gen_random_uuid(), name text not null unique);
create table shop.users (id uuid primary key default gen_random_uuid(), email text not null unique);
create table shop.memberships (
  user_id uuid not null references shop.users,
  tenant_id uuid not null references shop.tenants,
  role text not null default 'member',
  primary key (user_id, tenant_id));
create table shop.org_units (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references shop.tenants,
  parent_id uuid references shop.org_units,
  name text not null);
create table shop.access_grants (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references shop.tenants,
  grantee_id uuid not null references shop.users,
  mode text not null check (mode in ('auditor', 'platform')),
  can_write boolean not null default false,
  starts_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz);
create type shop.status as enum ('draft', 'published');
create table shop.products (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references shop.tenants,
  sku text not null,
  status shop.status not null default 'draft',
  title text not null,
  cost numeric,
  deleted_at timestamptz,
  unique (sku));
create unique index products_title_key on shop.products (lower(title)) where deleted_at is null;
create table shop.reviews (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  product_id uuid not null references shop.products on delete cascade,
  author_id uuid references shop.users on delete set null,
  body text not null);
create table shop.orders (
  id bigserial primary key,
  tenant_id uuid not null references shop.tenants,
  org_unit_id uuid not null references shop.org_units,
  product_id uuid references shop.products on delete set null on update cascade deferrable initially deferred,
  card_number text,
  note text);
create table shop.order_lines (
  id bigserial primary key,
  order_id bigint not null references shop.orders on delete cascade,
  quantity int not null);
create table shop.line_notes (
  id bigserial primary key,
  line_id bigint not null references shop.order_lines on delete cascade,
  body text);
create table shop.events (
  id bigint generated always as identity,
  tenant_id uuid not null,
  at timestamptz not null default now(),
  payload jsonb not null default '{}',
  primary key (id, at)) partition by range (at);
create table shop.events_2026 partition of shop.events for values from ('2026-01-01') to ('2027-01-01');
create table shop.events_rest partition of shop.events default;
create table shop.currencies (code char(3) primary key, name text not null);
create table shop.preferences (
  user_id uuid not null references shop.users,
  tenant_id uuid not null references shop.tenants,
  settings jsonb not null default '{}',
  primary key (user_id, tenant_id));
create table shop."Odd ""Name" (
  "Id" uuid primary key default gen_random_uuid(),
  "Tenant" uuid not null,
  "select" text unique);
create table shop.parent1 (
  id bigserial primary key,
  line_id bigint not null references shop.order_lines);
create view shop.recent_orders as select * from shop.orders;
create view shop.recent_lines with (security_barrier) as
  select l.* from shop.order_lines l join shop.recent_orders o on o.id = l.order_id;
`

/** The declaration for {@link shopSchema}, with roles of the test's own. */
export function shopTenancy(rolePrefix: string): TenancyInput {
  return {
    tenantKey: { table: 'shop.tenants', columnByTable: { 'shop.tenants': 'id' } },
    orgUnits: { table: 'shop.org_units' },
    accessGrants: 'shop.access_grants',
    roles: { prefix: rolePrefix },
    schemas: ['shop'],
    tables: {
      'shop.tenants': { scope: 'tenant', commands: ['SELECT'], auditor: true },
      'shop.users': {
        scope: 'self',
        userColumn: 'id',
        sharedThrough: { table: 'shop.memberships' },
        commands: ['SELECT', 'UPDATE'],
      },
      'shop.memberships': { scope: 'tenant' },
      'shop.org_units': { scope: 'tenant', auditor: true },
      'shop.access_grants': { scope: 'tenant' },
      'shop.products': {
        scope: 'tenant',
        auditor: { redact: ['cost'] },
        public: { where: `status = 'published' and deleted_at is null`, columns: ['id', 'title'] },
      },
      'shop.reviews': {
        scope: 'tenant',
        public: { through: 'shop.products', columns: ['id', 'product_id', 'body'] },
      },
      'shop.orders': { scope: 'org', auditor: { redact: ['card_number'] } },
      'shop.order_lines': { scope: 'org', through: 'shop.orders', auditor: true },
      'shop.line_notes': { scope: 'tenant', through: 'shop.order_lines' },
      'shop.events': { scope: 'tenant', appendOnly: true, auditor: true },
      'shop.currencies': { scope: 'global' },
      'shop.preferences': { scope: 'self', userColumn: 'user_id' },
      'shop."Odd ""Name"': { scope: 'tenant', tenantColumn: 'Tenant' },
      'shop.parent1': { scope: 'tenant', through: 'shop.order_lines' },
    },
  }
}
