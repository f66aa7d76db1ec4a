import { protectForced } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** One setting per claim, helpers that call helpers along their search path, text keys. */
export const legacySettings: SchemaCase = {
  name: 'one setting per claim, and helpers that call each other along a path',
  sql: `create schema api; create schema util; grant usage on schema api, util to {app}, {anon};
  create function util.claim(name text, fallback text default null) returns text language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.' || name, true), ''), fallback) $f$;
  create function util.customer() returns varchar language sql stable set search_path = util, pg_temp as $f$
    select nullif(current_setting('request.jwt.claim.customer', true), '')::varchar $f$;
  create function util.same_customer(candidate varchar) returns boolean language plpgsql stable set search_path = util, pg_temp as $f$
    declare mine constant varchar := customer();
    begin
      if mine is null or candidate is null then
        return false;
      elsif candidate = mine then
        return true;
      end if;
      return false;
    end $f$;
  create table api.customers (code varchar(20) primary key, name text not null);
  create table api.shipments (id bigint generated always as identity primary key, customer_code varchar(20) not null references api.customers, state text not null check (state in ('new', 'sent')), sent_on date);
  create table api.parcels (id bigint generated always as identity primary key, shipment_id bigint not null references api.shipments on delete cascade, weight int check (weight > 0));
  create table api.rates (id int primary key, customer_code varchar(20), price int not null);
  ${protectForced('api.customers', 'api.shipments', 'api.parcels', 'api.rates')}
  revoke insert, update, delete on api.customers, api.rates from {app};
  create policy own on api.customers for select to {app} using (util.same_customer(code));
  create policy own on api.shipments to {app} using (util.same_customer(candidate => customer_code)) with check (util.same_customer(customer_code) and (sent_on is null or sent_on <= current_date));
  create policy own on api.parcels to {app} using (exists (select 1 from api.shipments s where s.id = parcels.shipment_id and util.same_customer(s.customer_code) and s.state <> 'sent'));
  create policy own on api.rates for select to {app} using (customer_code is not null and util.same_customer(customer_code));`,
  config: {
    tenantKey: { column: 'customer_code', type: 'text', table: 'api.customers' },
    context: { kind: 'guc', tenant: 'request.jwt.claim.customer' },
    schemas: ['api'],
  },
  inferred: {
    context: { kind: 'guc', tenant: 'request.jwt.claim.customer' },
    column: 'customer_code',
  },
  twins: [
    {
      name: 'rates without a customer are for all, and so are those of others',
      sql: `drop policy own on api.rates; create policy own on api.rates for select to {app} using (customer_code is null or util.same_customer(customer_code) is not false);`,
      leaks: ['api.rates SELECT'],
    },
    {
      name: 'an unknown customer counts as the same',
      sql: `create or replace function util.same_customer(candidate varchar) returns boolean language plpgsql stable set search_path = util, pg_temp as $f$
        declare mine constant varchar := customer();
        begin
          if candidate = mine or mine is null then return true; end if;
          return false;
        end $f$;`,
      leaks: ['api.customers SELECT', 'api.shipments SELECT', 'api.parcels DELETE'],
    },
    {
      name: 'the path leads to a schema that the app role may write',
      sql: `grant create on schema util to {app};`,
      leaks: ['api.customers SELECT', 'api.shipments INSERT'],
    },
  ],
}
