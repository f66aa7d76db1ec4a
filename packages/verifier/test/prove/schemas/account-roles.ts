import { authSchema, protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** Accounts with roles behind SECURITY DEFINER helpers in a schema of their own. */
export const accountRoles: SchemaCase = {
  name: 'accounts with roles, tested by a helper with a default argument',
  ownerBypasses: true,
  sql: `${authSchema} create schema team; grant usage on schema team to {app}, {anon}, {service};
  create type team.account_role as enum ('owner', 'member');
  create table team.accounts (id uuid primary key default gen_random_uuid(), primary_owner_user_id uuid references auth.users not null,
    name text, slug text unique, personal_account boolean not null default false,
    constraint slug_if_team check ((personal_account = true and slug is null) or (personal_account = false and slug is not null)));
  create table team.account_user (user_id uuid not null references auth.users on delete cascade, account_id uuid not null references team.accounts on delete cascade,
    account_role team.account_role not null, primary key (user_id, account_id));
  create table team.invitations (id uuid primary key default gen_random_uuid(), account_id uuid not null references team.accounts on delete cascade,
    account_role team.account_role not null, token text unique not null, invited_by_user_id uuid not null references auth.users, created_at timestamptz not null default now());
  create table public.projects (id uuid primary key default gen_random_uuid(), account_id uuid not null references team.accounts, name text not null, archived_at timestamptz);
  ${protect('team.accounts', 'team.account_user', 'team.invitations', 'public.projects')}
  revoke insert, delete on team.accounts from {app}; revoke insert, update on team.account_user from {app}; revoke update on team.invitations from {app};
  create function team.has_role_on_account(account_id uuid, account_role team.account_role default null) returns boolean
    language sql stable security definer set search_path = public, team as $f$
    select exists (select 1 from team.account_user wu where wu.user_id = auth.uid() and wu.account_id = has_role_on_account.account_id
      and (wu.account_role = has_role_on_account.account_role or has_role_on_account.account_role is null))
  $f$;
  create function team.get_accounts_with_role(passed_in_role team.account_role default null) returns setof uuid
    language sql stable security definer set search_path = public, team as $f$
    select account_id from team.account_user wu where wu.user_id = auth.uid() and (wu.account_role = passed_in_role or passed_in_role is null)
  $f$;
  create policy "members read" on team.accounts for select to {app} using (team.has_role_on_account(id) = true);
  create policy "primary owner reads" on team.accounts for select to {app} using (team.has_role_on_account(id) and primary_owner_user_id = auth.uid());
  create policy "owners edit" on team.accounts for update to {app} using (team.has_role_on_account(id, 'owner') = true);
  create policy "own rows" on team.account_user for select to {app} using (user_id = auth.uid() and account_id in (select team.get_accounts_with_role()));
  create policy "same account" on team.account_user for select to {app} using (team.has_role_on_account(account_id) = true);
  create policy "owners remove" on team.account_user for delete to {app} using (team.has_role_on_account(account_id, 'owner') = true
    and user_id <> (select primary_owner_user_id from team.accounts a where a.id = account_id));
  create policy "owners see invitations" on team.invitations for select to {app} using (created_at > now() - interval '24 hours' and team.has_role_on_account(account_id, 'owner') = true);
  create policy "owners invite" on team.invitations for insert to {app} with check (team.has_role_on_account(account_id, 'owner') = true
    and (select personal_account from team.accounts a where a.id = account_id) = false);
  create policy "owners withdraw" on team.invitations for delete to {app} using (team.has_role_on_account(account_id, 'owner') = true);
  create policy "members select" on public.projects for select to {app} using (account_id in (select team.get_accounts_with_role()));
  create policy "members insert" on public.projects for insert to {app} with check (account_id in (select team.get_accounts_with_role()));
  create policy "members update" on public.projects for update to {app} using (account_id in (select team.get_accounts_with_role()) and archived_at is null);
  create policy "owners delete" on public.projects for delete to {app} using (account_id in (select team.get_accounts_with_role('owner')));`,
  config: {
    tenantKey: { column: 'account_id', type: 'uuid', table: 'team.accounts' },
    context: {
      kind: 'membership',
      user: { guc: 'request.jwt.claims', claim: '/sub' },
      via: { table: 'team.account_user', user: 'user_id', tenant: 'account_id' },
    },
    schemas: ['public', 'team'],
  },
  inferred: {
    context: { kind: 'membership', via: { table: { schema: 'team', name: 'account_user' } } },
    column: 'account_id',
  },
  twins: [
    {
      name: 'the helper compares the column with itself',
      sql: `create or replace function team.has_role_on_account(account_id uuid, account_role team.account_role default null) returns boolean
        language sql stable security definer set search_path = public, team as $f$
        select exists (select 1 from team.account_user wu where wu.user_id = auth.uid() and wu.account_id = account_id
          and (wu.account_role = has_role_on_account.account_role or has_role_on_account.account_role is null))
      $f$;`,
      leaks: ['team.accounts SELECT', 'team.accounts UPDATE', 'team.invitations DELETE'],
    },
    {
      name: 'the listing helper forgets whose it is',
      sql: `create or replace function team.get_accounts_with_role(passed_in_role team.account_role default null) returns setof uuid
        language sql stable security definer set search_path = public, team as $f$
        select account_id from team.account_user wu where wu.account_role = passed_in_role or wu.user_id = auth.uid()
      $f$;`,
      leaks: ['public.projects DELETE'],
    },
    {
      name: 'users add themselves to an account',
      sql: `grant insert on team.account_user to {app};
        create policy "join" on team.account_user for insert to {app} with check (user_id = auth.uid());`,
      leaks: ['team.account_user INSERT', 'public.projects SELECT', 'public.projects UPDATE'],
    },
    {
      name: 'a function joins any account',
      sql: `create function public.join_account(account uuid) returns void language sql security definer set search_path = '' as $f$
        insert into team.account_user (user_id, account_id, account_role) values (auth.uid(), account, 'member') $f$;`,
      leaks: ['public.projects SELECT', 'team.accounts SELECT'],
    },
  ],
}
