import { authSchema, protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** The memberships as arrays and sets. */
export const arrayMemberships: SchemaCase = {
  name: 'memberships as arrays, sets and rows',
  ownerBypasses: true,
  sql: `${authSchema} create schema private; grant usage on schema private to {app};
  create table public.organisations (id uuid primary key, name text not null);
  create table public.members (organisation_id uuid not null references public.organisations, user_id uuid not null, level int not null default 1, primary key (organisation_id, user_id));
  create table public.contacts (id uuid primary key, organisation_id uuid not null references public.organisations, name text);
  create table public.deals (id uuid primary key, organisation_id uuid not null references public.organisations, amount int);
  create table public.notes (id uuid primary key, organisation_id uuid not null references public.organisations, body text);
  create table public.files (id uuid primary key, organisation_id uuid not null references public.organisations, name text);
  create table public.reports (id uuid primary key, organisation_id uuid not null references public.organisations, body text);
  create table public.boards (id uuid primary key, organisation_id uuid not null references public.organisations, body text);
  ${protect('public.organisations', 'public.members', 'public.contacts', 'public.deals', 'public.notes', 'public.files', 'public.reports', 'public.boards')}
  revoke insert, update, delete on public.organisations from {app};
  create function private.my_orgs() returns uuid[] language sql stable security definer set search_path = '' as $f$
    select array_agg(m.organisation_id) from public.members m where m.user_id = (select auth.uid()) $f$;
  create function private.my_orgs_or_none() returns uuid[] language sql stable security definer set search_path = '' as $f$
    select coalesce(array_agg(m.organisation_id), '{}') from public.members m where m.user_id = (select auth.uid()) $f$;
  create function private.my_org_rows() returns table (org_id uuid, level int) language sql stable security definer set search_path = '' as $f$
    select m.organisation_id, m.level from public.members m where m.user_id = auth.uid() $f$;
  create function private.my_org_query() returns setof uuid language plpgsql stable security definer set search_path = '' as $f$
    begin
      return query select m.organisation_id from public.members m where m.user_id = auth.uid();
    end $f$;
  create function private.my_level(org uuid) returns int language sql stable security definer set search_path = '' as $f$
    select m.level from public.members m where m.user_id = auth.uid() and m.organisation_id = org $f$;
  create policy own on public.organisations for select to {app} using (id = any (array(select private.my_org_query())));
  create policy same on public.members for select to {app} using (organisation_id in (select private.my_org_query()));
  create policy admins_add on public.members for insert to {app} with check (private.my_level(organisation_id) >= 5);
  create policy admins_change on public.members for update to {app} using (private.my_level(organisation_id) >= 5) with check (private.my_level(organisation_id) >= 5);
  create policy admins_remove on public.members for delete to {app} using (private.my_level(organisation_id) >= 5 or user_id = (select auth.uid()) and organisation_id = any (private.my_orgs()));
  create policy p on public.contacts to {app} using (organisation_id = any (array(select m.organisation_id from public.members m where m.user_id = (select auth.uid()))));
  create policy p on public.deals to {app} using ((select auth.uid()) in (select m.user_id from public.members m where m.organisation_id = deals.organisation_id));
  create policy p on public.notes to {app} using (organisation_id = any (private.my_orgs()));
  create policy p on public.files to {app} using (organisation_id in (select o.org_id from private.my_org_rows() o where o.level > 1));
  create policy p on public.reports to {app} using (organisation_id = any ((select private.my_orgs_or_none())::uuid[]));
  create policy p on public.boards to {app} using (array[organisation_id] <@ private.my_orgs());`,
  config: {
    tenantKey: { column: 'organisation_id', type: 'uuid', table: 'public.organisations' },
    context: {
      kind: 'membership',
      user: { guc: 'request.jwt.claims', claim: '/sub' },
      via: { table: 'public.members', user: 'user_id', tenant: 'organisation_id' },
    },
    schemas: ['public'],
  },
  inferred: {
    context: { kind: 'membership', via: { table: { name: 'members' } } },
    column: 'organisation_id',
  },
  twins: [
    {
      name: 'the array holds every organisation',
      sql: `create or replace function private.my_orgs() returns uuid[] language sql stable security definer set search_path = '' as $f$
        select array_agg(m.organisation_id) from public.members m $f$;`,
      leaks: ['public.notes SELECT', 'public.boards SELECT'],
    },
    {
      name: 'any but one of the array',
      sql: `drop policy p on public.notes; create policy p on public.notes to {app} using (organisation_id <> any (private.my_orgs()));`,
      leaks: ['public.notes SELECT', 'public.notes INSERT'],
    },
    {
      name: 'levels are compared across organisations',
      sql: `create or replace function private.my_level(org uuid) returns int language sql stable security definer set search_path = '' as $f$
        select max(m.level) from public.members m where m.user_id = auth.uid() $f$;`,
      leaks: ['public.members INSERT', 'public.contacts SELECT'],
    },
    {
      name: 'the set of all',
      sql: `create or replace function private.my_org_query() returns setof uuid language plpgsql stable security definer set search_path = '' as $f$
        begin
          return query select m.organisation_id from public.members m where m.user_id = auth.uid() or m.level = 0;
        end $f$;`,
      leaks: ['public.organisations SELECT', 'public.members SELECT'],
    },
  ],
}
