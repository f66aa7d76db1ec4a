import { authSchema, protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** One organisation per user, in the profile. */
export const profileOrganisation: SchemaCase = {
  name: 'the organisation of the own profile',
  ownerBypasses: true,
  sql: `${authSchema}
  create table public.organizations (id uuid primary key default gen_random_uuid(), name text not null);
  create table public.profiles (id uuid primary key references auth.users, organization_id uuid references public.organizations, full_name text, role text not null default 'member' check (role in ('member', 'admin')));
  create table public.customers (id bigint generated always as identity primary key, organization_id uuid not null references public.organizations, email text, deleted_at timestamptz);
  create table public.invoices (id bigint generated always as identity primary key, organization_id uuid not null, customer_id bigint not null references public.customers, total numeric(12,2) not null default 0, status text not null default 'draft' check (status in ('draft', 'sent', 'paid')));
  ${protect('public.organizations', 'public.profiles', 'public.customers', 'public.invoices')}
  revoke insert, update, delete on public.organizations, public.profiles from {app};
  grant update (full_name) on public.profiles to {app};
  create function public.get_my_org() returns uuid language sql stable security definer set search_path = '' as $f$ select organization_id from public.profiles where id = auth.uid() $f$;
  create function public.is_org_admin() returns boolean language plpgsql stable security definer set search_path = '' as $f$
    declare v_role text;
    begin
      select role into v_role from public.profiles where id = auth.uid();
      if not found then return false; end if;
      return v_role = 'admin';
    end $f$;
  create policy "own organisation" on public.organizations for select to {app} using (id = (select public.get_my_org()));
  create policy "colleagues" on public.profiles for select to {app} using (organization_id = (select public.get_my_org()));
  create policy "own profile" on public.profiles for update to {app} using (id = (select auth.uid()) and organization_id is not null);
  create policy "read customers" on public.customers for select to {app} using (organization_id = (select public.get_my_org()) and deleted_at is null);
  create policy "write customers" on public.customers for insert to {app} with check (organization_id = (select public.get_my_org()));
  create policy "edit customers" on public.customers for update to {app} using (organization_id = (select public.get_my_org())) with check (organization_id = (select public.get_my_org()));
  create policy "admins delete customers" on public.customers for delete to {app} using (organization_id = (select public.get_my_org()) and (select public.is_org_admin()));
  create policy "org isolation" on public.invoices for all to {app} using (organization_id in (select p.organization_id from public.profiles p where p.id = (select auth.uid())));
  create policy "only drafts change" on public.invoices as restrictive for update to {app} using (status = 'draft');`,
  config: {
    tenantKey: { column: 'organization_id', type: 'uuid', table: 'public.organizations' },
    context: {
      kind: 'membership',
      user: { guc: 'request.jwt.claims', claim: '/sub' },
      via: { table: 'public.profiles', user: 'id', tenant: 'organization_id' },
    },
    schemas: ['public'],
  },
  inferred: {
    context: {
      kind: 'membership',
      via: { table: { name: 'profiles' }, user: 'id', tenant: 'organization_id' },
    },
    column: 'organization_id',
  },
  twins: [
    {
      name: 'the whole profile may be changed',
      sql: `grant update on public.profiles to {app}; drop policy "own profile" on public.profiles;
        create policy "own profile" on public.profiles for update to {app} using (id = (select auth.uid()));`,
      leaks: ['public.profiles UPDATE', 'public.customers SELECT', 'public.invoices DELETE'],
    },
    {
      name: 'the helper takes any profile',
      sql: `create or replace function public.get_my_org() returns uuid language sql stable security definer set search_path = '' as $f$ select organization_id from public.profiles limit 1 $f$;`,
      leaks: ['public.customers SELECT', 'public.organizations SELECT'],
    },
    {
      name: 'admins of any organisation delete',
      sql: `drop policy "admins delete customers" on public.customers;
        create policy "admins delete customers" on public.customers for delete to {app} using ((select public.is_org_admin()));`,
      leaks: ['public.customers DELETE'],
    },
  ],
}
