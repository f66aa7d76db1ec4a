import { protectForced } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** Tenant in every key, one function for the current one, partitions. */
export const compositeKeys: SchemaCase = {
  name: 'the tenant in every key, and a function that gives NULL for a broken setting',
  sql: `create schema app; grant usage on schema app to {app};
  create table app.tenants (id bigint primary key, name text not null);
  create function app.current_tenant() returns bigint language plpgsql stable as $f$
    begin
      return nullif(current_setting('app.tenant', true), '')::bigint;
    exception when others then
      return null;
    end $f$;
  create table app.devices (tenant_id bigint not null default app.current_tenant() references app.tenants, id bigint not null, name varchar(80) not null, primary key (tenant_id, id));
  create table app.readings (tenant_id bigint not null, device_id bigint not null, at timestamptz not null, value double precision, primary key (tenant_id, device_id, at),
    foreign key (tenant_id, device_id) references app.devices (tenant_id, id) on delete cascade) partition by range (at);
  create table app.readings_old partition of app.readings for values from (minvalue) to ('2026-01-01');
  create table app.readings_new partition of app.readings for values from ('2026-01-01') to (maxvalue);
  create table app.alerts (tenant_id integer not null, id integer generated always as identity, device_id bigint, level smallint not null check (level between 1 and 5), primary key (tenant_id, id));
  ${protectForced('app.tenants', 'app.devices', 'app.readings', 'app.alerts')}
  revoke insert, update, delete on app.tenants from {app};
  alter table app.readings_old enable row level security; alter table app.readings_old force row level security;
  alter table app.readings_new enable row level security; alter table app.readings_new force row level security;
  create policy me on app.tenants for select to {app} using (id = (select app.current_tenant()));
  create policy tenant_isolation on app.devices using (tenant_id = (select app.current_tenant())) with check (tenant_id = (select app.current_tenant()));
  create policy tenant_isolation on app.readings using (tenant_id = app.current_tenant());
  create policy tenant_isolation on app.alerts using (tenant_id = app.current_tenant()::integer);`,
  config: {
    tenantKey: { column: 'tenant_id', type: 'bigint', table: 'app.tenants' },
    context: { kind: 'guc', tenant: 'app.tenant' },
    schemas: ['app'],
  },
  inferred: { context: { kind: 'guc', tenant: 'app.tenant' }, column: 'tenant_id' },
  twins: [
    {
      name: 'a broken setting means the first tenant',
      sql: `create or replace function app.current_tenant() returns bigint language plpgsql stable as $f$
        begin
          return current_setting('app.tenant', true)::bigint;
        exception when others then
          return 1;
        end $f$;`,
      leaks: ['app.devices SELECT', 'app.readings INSERT'],
    },
    {
      name: 'devices by tenant or id',
      sql: `drop policy tenant_isolation on app.devices; create policy tenant_isolation on app.devices using (tenant_id = app.current_tenant() or id = app.current_tenant());`,
      leaks: ['app.devices SELECT', 'app.devices DELETE'],
    },
    {
      name: 'a partition is granted as well',
      sql: `grant select on app.readings_old to {app}; create policy p on app.readings_old for select using (true);`,
      leaks: ['app.readings_old SELECT'],
    },
  ],
}
