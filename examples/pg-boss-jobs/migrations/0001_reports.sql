create schema reports;

create table reports.tenants (
  id uuid primary key,
  name text not null
);

create table reports.sales (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references reports.tenants,
  amount int not null
);

create table reports.totals (
  id uuid primary key,
  tenant_id uuid not null references reports.tenants,
  total int not null
);
