import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import type { CheckResult } from '../findings/index.js'

/** Memberships behind claims, with the helpers that such a database usually has. No row anywhere. */
const memberships = `
create schema auth; create schema private;
grant usage on schema public, auth, private to APP;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create type public.member_role as enum ('member', 'admin', 'owner');
create table public.orgs (id uuid primary key default gen_random_uuid(), name text not null);
create table public.org_members (org_id uuid not null references public.orgs, user_id uuid not null references auth.users,
  role public.member_role not null default 'member', ends_at timestamptz not null default 'infinity', primary key (org_id, user_id));
create function private.is_member(o uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.org_members m where m.org_id = o and m.user_id = (select auth.uid()) and m.ends_at > now()) $$;
create function private.my_orgs() returns setof uuid language sql stable security definer set search_path = '' as $$
  select m.org_id from public.org_members m where m.user_id = (select auth.uid()) and m.ends_at > now() $$;
alter table public.orgs enable row level security;
create policy "members read" on public.orgs for select to APP using (private.is_member(id));
alter table public.org_members enable row level security;
create policy "members see members" on public.org_members for select to APP using (private.is_member(org_id));
grant select on public.orgs, public.org_members to APP;
create table public.projects (id uuid primary key default gen_random_uuid(), org_id uuid not null references public.orgs, name text not null);
alter table public.projects enable row level security;
create policy "members" on public.projects to APP using (org_id in (select private.my_orgs()));
grant select, insert, update on public.projects to APP;`

/** A setting with the tenant. */
const setting = `
grant usage on schema public to APP;
create table public.docs (id uuid primary key default gen_random_uuid(), tenant_id uuid not null, title text, state text);
alter table public.docs enable row level security; alter table public.docs force row level security;
create policy r on public.docs for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on public.docs to APP;`

const membershipModel: TenancyInput = {
  tenantKey: { column: 'org_id', type: 'uuid', table: 'public.orgs' },
  context: {
    kind: 'membership',
    user: { guc: 'request.jwt.claims', claim: '/sub' },
    via: {
      table: 'public.org_members',
      user: 'user_id',
      tenant: 'org_id',
      where: 'ends_at > now()',
    },
  },
  schemas: ['public'],
}

const settingModel: TenancyInput = {
  tenantKey: { column: 'tenant_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  schemas: ['public'],
}

interface Twins {
  readonly base: string
  readonly model: TenancyInput
  /** Object of the cells that hold in the sound twin and not in the other. */
  readonly object: string
  readonly bad: string
  readonly good: string
}

const ofMembers = { base: memberships, model: membershipModel }
const ofSetting = { base: setting, model: settingModel }
const movable = `create policy u on public.docs for update using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (true);`
const brands = `create type public.brand as enum ('acme', 'beta');
  create table public.leads (id uuid primary key default gen_random_uuid(), brand public.brand not null, email text);
  alter table public.leads enable row level security; alter table public.leads force row level security;
  grant select, insert on public.leads to APP;`
const brandsModel: TenancyInput = {
  ...settingModel,
  tenantKey: { column: 'brand', type: 'text' },
  tables: { 'public.docs': { scope: 'global' } },
}
const billing = `create table public.billing (org_id uuid primary key references public.orgs, card text);
  alter table public.billing enable row level security; grant select on public.billing to APP;`
const founding = `create policy "anybody founds" on public.orgs for insert to APP with check (true); grant insert on public.orgs to APP;
  create function private.first_member() returns trigger language plpgsql security definer set search_path = '' as $$
    begin insert into public.org_members (org_id, user_id, role) values (new.id, auth.uid(), 'owner'); return new; end $$;
  create trigger first_member after insert on public.orgs for each row execute function private.first_member();`
const notes = `create table public.notes (id uuid primary key default gen_random_uuid(), tenant_id uuid not null, doc_id uuid not null references public.docs, body text);
  alter table public.notes enable row level security; alter table public.notes force row level security;`
const isOfTenant = `d.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const files = `create table public.files (id uuid primary key default gen_random_uuid(), org_id uuid not null references public.orgs, name text);
  alter table public.files enable row level security; grant select on public.files to APP;`

const twins: Readonly<Record<string, Twins>> = {
  'an administrator of any organisation, or of the one that the row belongs to': {
    ...ofMembers,
    object: 'public.billing',
    bad: `${billing} create function private.is_admin() returns boolean language sql stable security definer set search_path = '' as $$
        select exists (select from public.org_members m where m.user_id = auth.uid() and m.role = 'admin' and m.ends_at > now()) $$;
      create policy p on public.billing for select to APP using (private.is_admin());`,
    good: `${billing} create function private.is_admin(o uuid) returns boolean language sql stable security definer set search_path = '' as $$
        select exists (select from public.org_members m where m.org_id = o and m.user_id = auth.uid() and m.role = 'admin' and m.ends_at > now()) $$;
      create policy p on public.billing for select to APP using (private.is_admin(org_id));`,
  },
  'a role read into a variable, of any membership or of the right one': {
    ...ofMembers,
    object: 'public.files',
    bad: `${files} create function private.can(o uuid) returns boolean language plpgsql stable security definer set search_path = '' as $$
        declare r public.member_role; begin select role into r from public.org_members where user_id = auth.uid() and ends_at > now() limit 1; return r is not null; end $$;
      create policy p on public.files for select to APP using (private.can(org_id));`,
    good: `${files} create function private.can(o uuid) returns boolean language plpgsql stable security definer set search_path = '' as $$
        declare r public.member_role; begin select role into r from public.org_members where user_id = auth.uid() and org_id = o and ends_at > now(); return r is not null; end $$;
      create policy p on public.files for select to APP using (private.can(org_id));`,
  },
  'helpers that are VOLATILE because nobody said otherwise, of any organisation or of the right one':
    {
      ...ofMembers,
      object: 'public.files',
      bad: `${files} create function private.joined(o uuid) returns boolean language sql security definer set search_path = '' as $$
        select exists (select from public.org_members m where m.user_id = auth.uid() and m.ends_at > now()) $$;
      create policy p on public.files for select to APP using (private.joined(org_id));`,
      good: `${files} create function private.joined(o uuid) returns boolean language sql security definer set search_path = '' as $$
        select exists (select from public.org_members m where m.org_id = o and m.user_id = auth.uid() and m.ends_at > now()) $$;
      create function private.can_read(o uuid) returns boolean language plpgsql security definer set search_path = '' as $$
        begin if auth.uid() is null then return false; end if; return private.joined(o); end $$;
      create policy p on public.files for select to APP using (private.can_read(org_id));`,
    },
  'memberships that have ended, counted or not': {
    ...ofMembers,
    object: 'public.projects',
    bad: `create or replace function private.my_orgs() returns setof uuid language sql stable security definer set search_path = '' as $$
        select m.org_id from public.org_members m where m.user_id = (select auth.uid()) $$;`,
    good: '',
  },
  'a table of tenants where anybody founds one, and whose rows are also updated by anybody, or not':
    {
      ...ofMembers,
      object: 'public.orgs',
      bad: `${founding} create policy "rename" on public.orgs for update to APP using (true) with check (true); grant update on public.orgs to APP;`,
      good: `${founding} create policy "rename" on public.orgs for update to APP using (private.is_member(id)) with check (private.is_member(id)); grant update on public.orgs to APP;`,
    },
  'a function that founds a tenant of a key that it makes, or joins the one whose key it is given':
    {
      ...ofMembers,
      object: 'public.orgs',
      bad: `create function public.found(p_id uuid, p_name text) returns void language plpgsql security definer set search_path = '' as $$
        begin insert into public.orgs (id, name) values (p_id, p_name) on conflict (id) do nothing;
          insert into public.org_members (org_id, user_id) values (p_id, auth.uid()); end $$;`,
      good: `create function public.found(p_name text) returns uuid language plpgsql security definer set search_path = '' as $$
        declare made uuid; begin insert into public.orgs (name) values (p_name) returning id into made;
          insert into public.org_members (org_id, user_id) values (made, auth.uid()); return made; end $$;`,
    },
  'a view with the rights of its owner that asks for the membership, with a security barrier or without':
    {
      ...ofMembers,
      object: 'public.my_projects',
      bad: `create view public.my_projects as select p.id, p.name from public.projects p where private.is_member(p.org_id); grant select on public.my_projects to APP;`,
      good: `create view public.my_projects with (security_barrier) as select p.id, p.name from public.projects p where private.is_member(p.org_id); grant select on public.my_projects to APP;`,
    },
  'counts with the rights of the owner of the view, of the tenant’s rows or of all': {
    ...ofSetting,
    object: 'public.counted',
    bad: `create view public.counted with (security_barrier) as select d.tenant_id, count(*) as n from public.docs d where ${isOfTenant} or d.state = 'public' group by d.tenant_id; grant select on public.counted to APP;`,
    good: `create view public.counted with (security_barrier) as select d.tenant_id, count(*) as n from public.docs d where ${isOfTenant} group by d.tenant_id; grant select on public.counted to APP;`,
  },
  'a view with the rights of its owner that opens for everybody but its owner, or for its owner': {
    ...ofSetting,
    object: 'public.titles',
    bad: `create view public.titles with (security_barrier) as select d.tenant_id, d.title from public.docs d where ${isOfTenant} or current_user <> 'postgres'; grant select on public.titles to APP;`,
    good: `create view public.titles with (security_barrier) as select d.tenant_id, d.title from public.docs d where ${isOfTenant} or current_user = 'postgres'; grant select on public.titles to APP;`,
  },
  'a function that renames any project, or one of the caller’s': {
    ...ofMembers,
    object: 'public.projects',
    bad: `create function public.rename(p uuid, n text) returns void language plpgsql security definer set search_path = '' as $$
        begin if auth.uid() is null then raise exception 'sign in'; end if; update public.projects set name = n where id = p; end $$;`,
    good: `create function public.rename(p uuid, n text) returns void language plpgsql security definer set search_path = '' as $$
        begin update public.projects set name = n where id = p and org_id in (select private.my_orgs()); end $$;`,
  },
  'WITH CHECK (true) where the tenant may be updated, or not': {
    ...ofSetting,
    object: 'public.docs',
    bad: `${movable} grant update on public.docs to APP;`,
    good: `${movable} grant update (title, state) on public.docs to APP;`,
  },
  'tenants of an enumeration, compared by order or by name': {
    base: setting,
    model: brandsModel,
    object: 'public.leads',
    bad: `${brands} create policy b on public.leads using (brand >= nullif(current_setting('app.tenant_id', true), '')::public.brand);`,
    good: `${brands} create policy b on public.leads using (brand = nullif(current_setting('app.tenant_id', true), '')::public.brand);`,
  },
  'a default of the database that is a tenant, or empty': {
    ...ofSetting,
    object: 'public.docs',
    bad: `do $$ begin execute format('alter database %I set app.tenant_id = %L', current_database(), gen_random_uuid()); end $$;`,
    good: `do $$ begin execute format('alter database %I set app.tenant_id = %L', current_database(), ''); end $$;`,
  },
}

const loud = ({ findings }: CheckResult): string[] =>
  findings.filter(({ severity }) => severity !== 'info').map(({ key }) => key)
const verdicts = ({ coverage }: CheckResult, object: string): string[] => [
  ...new Set(
    coverage
      .filter((row) => row.object === object && row.verdict !== 'not-applicable')
      .map(({ verdict }) => verdict),
  ),
]

it.each(Object.keys(twins))('tells the sound twin from the other: %s', async (name) => {
  const pair = twins[name]
  if (pair === undefined) throw new Error('no such twins')
  const [bad, good] = [
    await judgeScript(`${pair.base} ${pair.bad}`, pair.model),
    await judgeScript(`${pair.base} ${pair.good}`, pair.model),
  ]
  expect(loud(good)).toEqual([])
  expect(verdicts(good, pair.object)).toEqual(['proven'])
  expect(bad.findings.some(({ severity }) => severity === 'error')).toBe(true)
  expect(verdicts(bad, pair.object)).not.toContain('proven')
})

it('lets who was given the secret of an invitation use it', async () => {
  const invitations = `create table public.invitations (id uuid primary key default gen_random_uuid(), org_id uuid not null references public.orgs,
      token text not null unique default md5(random()::text));
    alter table public.invitations enable row level security;
    create policy m on public.invitations to APP using (private.is_member(org_id));
    grant select, insert on public.invitations to APP;`
  const accept = (by: 'id uuid' | 'token text'): string => {
    const [column = ''] = by.split(' ')
    return `${invitations} create function public.accept(p_${by}) returns void language plpgsql security definer set search_path = '' as $$
      begin insert into public.org_members (org_id, user_id) select i.org_id, auth.uid() from public.invitations i where i.${column} = p_${column}; end $$;`
  }
  const look = `create function private.new_token() returns text language sql as $$ select md5(random()::text) $$;
    alter table public.invitations alter token set default private.new_token();
    create function public.look_up(p_token text) returns text language sql stable security definer set search_path = '' as $$
      select o.name from public.invitations i join public.orgs o on o.id = i.org_id where i.token = p_token $$;`
  expect(
    loud(await judgeScript(`${memberships} ${accept('token text')} ${look}`, membershipModel)),
  ).toEqual([])
  expect(
    loud(await judgeScript(`${memberships} ${accept('id uuid')}`, membershipModel)),
  ).toContainEqual(expect.stringContaining('function-call:public.accept'))
})

it('finds what a view with the rights of its owner joins of other tenants, and proves one that does not', async () => {
  const noted = (and: string): string =>
    `${notes} create view public.noted with (security_barrier) as select d.tenant_id, d.title, n.body from public.docs d
      left join public.notes n on n.doc_id = d.id ${and} where ${isOfTenant}; grant select on public.noted to APP;`
  const bad = await judgeScript(`${setting} ${noted('')}`, settingModel)
  expect(bad.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { rule: 'counterexample', evidence: { objects: expect.arrayContaining(['public.noted']) } },
  ])
  expect(verdicts(bad, 'public.noted')).toEqual(['leak'])
  const good = await judgeScript(
    `${setting} ${noted('and n.tenant_id = d.tenant_id')}`,
    settingModel,
  )
  expect(verdicts(good, 'public.noted')).toEqual(['proven'])
})
