create schema stores;

create table stores.tenants (
  id uuid primary key,
  name text not null
);

-- A tree for each tenant: a region has branches.
create table stores.units (
  id uuid primary key,
  tenant_id uuid not null references stores.tenants,
  parent_id uuid references stores.units,
  name text not null
);

create table stores.orders (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references stores.tenants,
  org_unit_id uuid not null references stores.units,
  product text not null
);
