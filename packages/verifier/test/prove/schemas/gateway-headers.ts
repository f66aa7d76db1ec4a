import { protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

const session = "current_setting('hasura.user', true)::json"

/** Session variables of a GraphQL gateway as JSON. */
export const gatewayHeaders: SchemaCase = {
  name: 'session variables that a gateway sets as JSON',
  sql: `create table merchants (id text primary key, name text);
  create table orders (id bigserial primary key, merchant_id text not null references merchants, total int not null, placed_at date not null default current_date);
  create table order_lines (order_id bigint not null references orders (id), line int not null, sku varchar(40) not null, primary key (order_id, line));
  create table refunds (id bigserial primary key, merchant_id varchar(64) not null, order_id bigint, state varchar(12) not null default 'open', constraint known_state check (state::text = any (array['open', 'done']::text[])));
  grant usage on all sequences in schema public to {app};
  ${protect('merchants', 'orders', 'order_lines', 'refunds')}
  revoke insert, update, delete on merchants from {app};
  create policy self on merchants for select to {app} using (id = (${session} ->> 'x-hasura-merchant-id'));
  create policy self on orders to {app} using (merchant_id = (${session} ->> 'x-hasura-merchant-id') and placed_at <= current_date) with check (merchant_id = (${session} ->> 'x-hasura-merchant-id'));
  create policy self on order_lines to {app} using (exists (select 1 from orders o where o.id = order_lines.order_id and o.merchant_id = (${session} ->> 'x-hasura-merchant-id')));
  create policy self on refunds to {app} using (merchant_id::text = (${session} ->> 'x-hasura-merchant-id')) with check (merchant_id::text = (${session} ->> 'x-hasura-merchant-id') and state in ('open', 'done'));
  create policy no_late_changes on refunds as restrictive for delete to {app} using (state = 'open');`,
  config: {
    tenantKey: { column: 'merchant_id', type: 'text', table: 'public.merchants' },
    context: {
      kind: 'jwt-claims',
      guc: 'hasura.user',
      tenant: '/x-hasura-merchant-id',
      user: '/x-hasura-user-id',
    },
    schemas: ['public'],
  },
  inferred: {
    context: { kind: 'jwt-claims', guc: 'hasura.user', tenant: '/x-hasura-merchant-id' },
    column: 'merchant_id',
  },
  twins: [
    {
      name: 'the admin role of the gateway sees all',
      sql: `create policy admin on orders for select to {app} using ((${session} ->> 'x-hasura-role') = 'admin');`,
      leaks: ['public.orders SELECT'],
    },
    {
      name: 'a prefix is enough',
      sql: `drop policy self on merchants; create policy self on merchants for select to {app} using (starts_with(id, (${session} ->> 'x-hasura-merchant-id')));`,
      leaks: ['public.merchants SELECT'],
    },
    {
      name: 'refunds without a merchant in the session',
      sql: `drop policy self on refunds; create policy self on refunds to {app} using (coalesce(merchant_id::text = (${session} ->> 'x-hasura-merchant-id'), true));`,
      leaks: ['public.refunds SELECT', 'public.refunds UPDATE'],
    },
    {
      name: 'cut keys',
      sql: `drop policy self on refunds; create policy self on refunds to {app} using (merchant_id::varchar(8) = (${session} ->> 'x-hasura-merchant-id')::varchar(8));`,
      leaks: ['public.refunds SELECT', 'public.refunds INSERT'],
    },
  ],
}
