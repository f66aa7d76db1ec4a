import { protectForced } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

const tenant = "nullif(current_setting('app.tenant_id', true), '')::uuid"

/** Views over protected tables, which run with the rights of whoever asks. */
export const reportingViews: SchemaCase = {
  name: 'views that run with the rights of the caller',
  sql: `create table tenants (id uuid primary key, name text not null);
  create table plans (code text primary key, price int not null);
  create table subscriptions (id uuid primary key, tenant_id uuid not null references tenants, plan text not null references plans, ends_at timestamptz);
  create table usage_events (id bigint generated always as identity primary key, tenant_id uuid not null references tenants, kind text not null, amount int not null default 1, at timestamptz not null default now());
  ${protectForced('tenants', 'subscriptions', 'usage_events')} grant select on plans to {app};
  revoke insert, update, delete on tenants from {app}; revoke update, delete on usage_events from {app};
  create policy own on tenants for select to {app} using (id = ${tenant});
  create policy own on subscriptions to {app} using (tenant_id = ${tenant} and (ends_at is null or ends_at > now()));
  create policy own on usage_events for select to {app} using (tenant_id = (select ${tenant}));
  create policy add on usage_events for insert to {app} with check (tenant_id = (select ${tenant}) and amount > 0);
  create view current_subscription with (security_invoker = true) as
    select s.id, s.plan, p.price, t.name from subscriptions s join plans p on p.code = s.plan join tenants t on t.id = s.tenant_id;
  create view monthly_usage with (security_invoker = on) as
    select date_trunc('month', at) as month, kind, sum(amount) as total from usage_events group by 1, 2;
  create view bill with (security_invoker = true) as
    select u.month, u.total * c.price as due from monthly_usage u cross join current_subscription c;
  grant select on current_subscription, monthly_usage, bill to {app};`,
  config: {
    tenantKey: { column: 'tenant_id', type: 'uuid', table: 'public.tenants' },
    context: { kind: 'guc', tenant: 'app.tenant_id' },
    schemas: ['public'],
    tables: { 'public.plans': { scope: 'global' } },
  },
  openWhenInferred: {
    'public.current_subscription SELECT app': 'which is not classified',
    'public.bill SELECT app': 'which is not classified',
  },
  inferred: { context: { kind: 'guc', tenant: 'app.tenant_id' }, column: 'tenant_id' },
  twins: [
    {
      name: 'a view runs with the rights of its owner',
      sql: `alter view monthly_usage set (security_invoker = false);`,
      leaks: ['public.monthly_usage SELECT', 'public.bill SELECT'],
    },
    {
      name: 'a view calls a function that sees all',
      sql: `create function everybody() returns bigint language sql stable security definer set search_path = public, pg_temp as $f$ select count(*) from tenants $f$;
        create view census with (security_invoker = true) as select t.name, everybody() as among from tenants t; grant select on census to {app};`,
      leaks: ['public.census SELECT'],
    },
    {
      name: 'a view calls a function of the caller that calls one that sees all',
      sql: `create function everybody() returns bigint language sql stable security definer set search_path = public, pg_temp as $f$ select count(*) from tenants $f$;
        create function among() returns bigint language plpgsql stable set search_path = public, pg_temp as $f$ begin return everybody(); end $f$;
        create view census with (security_invoker = true) as select t.name, among() as among from tenants t; grant select on census to {app};`,
      leaks: ['public.census SELECT'],
    },
    {
      name: 'a view uses an operator whose function sees all',
      sql: `create function everybody(a int) returns bigint language sql stable security definer set search_path = public, pg_temp as $f$ select count(*) + a from tenants $f$;
        create operator @@# (function = everybody, rightarg = int);
        create view census with (security_invoker = true) as select t.name, @@# 0 as among from tenants t; grant select on census to {app};`,
      leaks: ['public.census SELECT'],
    },
    {
      name: 'the events below a view are open',
      sql: `create policy support on usage_events for select to {app} using (kind = 'error');`,
      leaks: ['public.monthly_usage SELECT', 'public.bill SELECT', 'public.usage_events SELECT'],
    },
  ],
}
