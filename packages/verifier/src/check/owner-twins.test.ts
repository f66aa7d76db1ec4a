import { readCatalog } from 'watertight/catalog'
import { applyPlan, makePlan } from 'watertight/migrate'
import { defineTenancy, toInput } from 'watertight/model'
import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { judgeScript } from '../../test/judge-script.js'
import { sharedSolver } from '../../test/shared-solver.js'
import { loadParser } from '../expr/index.js'
import type { CheckResult } from '../findings/index.js'
import { check } from './check.js'
import { inferModel } from './infer/infer-model.js'

/** Tenants that have an owner and members, and the rows of a tenant. No row anywhere. */
const base = `
create schema auth; create schema private;
grant usage on schema public, auth, private to APP;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as $$
  select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create table public.orgs (id uuid primary key default gen_random_uuid(), name text not null,
  owner_id uuid not null references auth.users, created_by uuid references auth.users);
create table public.org_members (org_id uuid not null references public.orgs, user_id uuid not null references auth.users,
  primary key (org_id, user_id));
create function private.is_member(o uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.org_members m where m.org_id = o and m.user_id = (select auth.uid())) $$;
create function private.owns(o uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.orgs where orgs.id = o and orgs.owner_id = (select auth.uid())) $$;
alter table public.orgs enable row level security;
alter table public.org_members enable row level security;
create policy seen on public.org_members for select to APP using (private.is_member(org_id) or private.owns(org_id));
grant select on public.orgs, public.org_members to APP;
create table public.projects (id uuid primary key default gen_random_uuid(), org_id uuid not null references public.orgs, name text not null);
alter table public.projects enable row level security;
grant select, insert, update, delete on public.projects to APP;`

const undeclared: TenancyInput = {
  tenantKey: { column: 'org_id', type: 'uuid', table: 'public.orgs' },
  context: {
    kind: 'membership',
    user: { guc: 'request.jwt.claims', claim: '/sub' },
    via: { table: 'public.org_members', user: 'user_id', tenant: 'org_id' },
  },
  schemas: ['public'],
}
const { context } = undeclared
if (context?.kind !== 'membership') throw new Error('no memberships')
const declared: TenancyInput = { ...undeclared, context: { ...context, owner: 'owner_id' } }

const reads = (condition: string): string =>
  `create policy r on public.orgs for select to APP using (${condition});`
const isMember = 'private.is_member(id)'
const isOwner = 'owner_id = (select auth.uid())'
const read = reads(`${isOwner} or ${isMember}`)
const projects = (condition: string): string =>
  `${read} create policy p on public.projects to APP using (${condition});`
const definer = (body: string): string =>
  `${projects('private.owns(org_id)')} create function public.f(p uuid, n text) returns void language plpgsql security definer set search_path = '' as $$ begin ${body}; end $$;`

interface Twins {
  /** Object of the cells that hold in the sound twin and not in the other. */
  readonly object: string
  readonly bad: string
  readonly good: string
}

const twins: Readonly<Record<string, Twins>> = {
  'the row of a tenant, for its owner or for those of a certain name too': {
    object: 'public.orgs',
    bad: reads(`${isOwner} or name = 'demo'`),
    good: reads(isOwner),
  },
  'the row of a tenant, for its members and whoever it names in a column': {
    object: 'public.orgs',
    bad: reads(`created_by = (select auth.uid()) or ${isMember}`),
    good: read,
  },
  'rows of any tenant or of those that the user owns': {
    object: 'public.projects',
    bad: projects('exists (select from public.orgs o where o.owner_id = (select auth.uid()))'),
    good: projects(
      'org_id in (select o.id from public.orgs o where o.owner_id = (select auth.uid()))',
    ),
  },
  'rows of a tenant where the user owns one, behind a function': {
    object: 'public.projects',
    bad: `create function private.is_owner() returns boolean language sql stable security definer set search_path = '' as $$
        select exists (select from public.orgs where orgs.owner_id = (select auth.uid())) $$;
      ${projects('private.is_owner()')}`,
    good: projects('private.owns(org_id) or private.is_member(org_id)'),
  },
  'a tenant that its owner gives away, or that anybody takes': {
    object: 'public.orgs',
    bad: `${read} create policy u on public.orgs for update to APP using (true) with check (${isOwner}); grant update (name, owner_id) on public.orgs to APP;`,
    good: `${read} create policy u on public.orgs for update to APP using (${isOwner}) with check (true); grant update (name, owner_id) on public.orgs to APP;`,
  },
  'projects, where anybody may take a tenant or found one': {
    object: 'public.projects',
    bad: `${projects('private.owns(org_id)')} create policy u on public.orgs for update to APP using (true) with check (${isOwner}); grant update (owner_id) on public.orgs to APP;`,
    good: `${projects('private.owns(org_id)')} create policy i on public.orgs for insert to APP with check (${isOwner}); grant insert on public.orgs to APP;`,
  },
  'projects, where a function past the policies renames a tenant or gives it to the caller': {
    object: 'public.projects',
    bad: definer('update public.orgs set owner_id = auth.uid() where id = p'),
    good: definer('update public.orgs set name = n where id = p and owner_id = auth.uid()'),
  },
  'projects, where a function past the policies founds a tenant or takes one of that key': {
    object: 'public.projects',
    bad: definer(
      'insert into public.orgs (id, name, owner_id) values (p, n, auth.uid()) on conflict (id) do update set owner_id = excluded.owner_id',
    ),
    good: definer(
      'insert into public.orgs (name, owner_id) values (n, auth.uid()) on conflict (id) do nothing',
    ),
  },
  'projects, where a view with the rights of its owner writes names of tenants or their owners': {
    object: 'public.projects',
    bad: `${projects('private.owns(org_id)')} create view public.org_names as select id, name, owner_id from public.orgs; grant update on public.org_names to APP;`,
    good: `${projects('private.owns(org_id)')} create view public.org_names with (security_invoker) as select id, name, owner_id from public.orgs; grant select on public.org_names to APP;`,
  },
  'members that the owner of a tenant adds, or the owner of any': {
    object: 'public.org_members',
    bad: `${read} create policy i on public.org_members for insert to APP with check (exists (select from public.orgs o where o.owner_id = (select auth.uid()))); grant insert on public.org_members to APP;`,
    good: `${read} create policy i on public.org_members for insert to APP with check (exists (select from public.orgs o where o.id = org_id and o.owner_id = (select auth.uid()))); grant insert on public.org_members to APP;`,
  },
}

const mine: TenancyInput = { ...undeclared, context: { ...context, owner: 'created_by' } }
const cells = ({ coverage }: CheckResult, object: string): string[] => [
  ...new Set(
    coverage
      .filter((row) => row.object === object && row.verdict !== 'not-applicable')
      .map(({ verdict }) => verdict),
  ),
]
const errors = ({ findings }: CheckResult): string[] =>
  findings.flatMap(({ severity, key }) => (severity === 'error' ? [key] : []))

it.each(Object.keys(twins))('takes the declared owner for one of the tenant: %s', async (name) => {
  const pair = twins[name]
  if (pair === undefined) throw new Error('no such twins')
  const [bad, good] = [
    await judgeScript(`${base} ${pair.bad}`, declared),
    await judgeScript(`${base} ${pair.good}`, declared),
  ]
  expect(cells(good, pair.object)).toEqual(['proven'])
  expect(errors(good)).toEqual([])
  expect(cells(bad, pair.object)).not.toContain('proven')
})

it('takes no other column for the owner than the declared one', async () => {
  const judged = await judgeScript(`${base} ${read}`, mine)
  expect(cells(judged, 'public.orgs')).toEqual(['unknown'])
})

it('reads the layer that is made for a declared owner as what it is', async () => {
  const database = await createTestDatabase()
  try {
    const { admin } = database
    await admin.query(`create table public.orgs (id uuid primary key, owner_id uuid);
      create table public.org_members (org_id uuid not null references public.orgs, user_id uuid not null, primary key (org_id, user_id));
      create table public.projects (id uuid primary key, org_id uuid not null references public.orgs);`)
    const model = defineTenancy({
      ...declared,
      context: { ...context, owner: 'owner_id' },
      tenantKey: { column: 'org_id', table: 'public.orgs', columnByTable: { 'public.orgs': 'id' } },
      roles: { prefix: database.rolePrefix },
      tables: {
        'public.orgs': { scope: 'tenant', commands: ['SELECT'] },
        'public.org_members': { scope: 'tenant', commands: ['SELECT'] },
        'public.projects': { scope: 'tenant' },
      },
    })
    await applyPlan(admin, await makePlan(admin, model), { allow: ['WIDENS_ACCESS'] })
    const now = (): Date => new Date()
    const judged = await check(admin, { model, solver: await sharedSolver(), live: true, now })
    expect(cells(judged, 'public.orgs')).toEqual(['proven'])
    expect(cells(judged, 'public.projects')).toEqual(['proven'])
    // The same layer under a declaration without the owner lets a stranger in.
    const other = defineTenancy({ ...toInput(model), context })
    const strict = await check(admin, {
      model: other,
      solver: await sharedSolver(),
      live: true,
      now,
    })
    expect(cells(strict, 'public.projects')).not.toContain('proven')
  } finally {
    await database.drop()
  }
})

it.each([
  ['new.owner_id', 'owner_id'],
  ['new.created_by', null],
  ['auth.uid()', null],
])('infers the owner where founding makes %s a member', async (user, expected) => {
  const database = await createTestDatabase()
  try {
    const script = `${base} ${projects('private.owns(org_id) or private.is_member(org_id)')}
      create function private.first_member() returns trigger language plpgsql security definer set search_path = '' as $$
        begin insert into public.org_members (org_id, user_id) values (new.id, ${user}); return new; end $$;
      create trigger first_member after insert on public.orgs for each row execute function private.first_member();`
    const app = `${database.rolePrefix}_app`
    await database.admin.query(`create role ${app}; ${script.replaceAll('APP', app)}`)
    await loadParser()
    const { model } = inferModel(await readCatalog(database.admin, { schemas: 'all' }))
    expect(model.context).toMatchObject({ kind: 'membership', owner: expected })
  } finally {
    await database.drop()
  }
})

const reasonOf = ({ coverage }: CheckResult, object: string): string =>
  coverage.find((row) => row.object === object && row.command === 'SELECT')?.reason ?? ''

it('leaves open whether an owner whom nothing declares is one of the tenant, and says how to declare it', async () => {
  const open = await judgeScript(`${base} ${projects('private.owns(org_id)')}`, undeclared)
  for (const object of ['public.orgs', 'public.projects']) {
    expect(cells(open, object)).toEqual(['unknown'])
    expect(reasonOf(open, object)).toContain(`declare context.owner 'owner_id' where that is so`)
  }
  expect(errors(open)).toEqual([])
})

it('does not blame the owner where the policy lets strangers in as well', async () => {
  const script = `${base} ${reads(`${isOwner} or name = 'demo'`)}`
  const open = await judgeScript(script, undeclared)
  expect(cells(open, 'public.orgs')).toEqual(['leak'])
  expect(reasonOf(open, 'public.orgs')).not.toContain('context.owner')
})

/** One user is a member of the first tenant, and owns the second without being a member of it. */
const rows = `
insert into auth.users select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 3) n;
insert into public.orgs (id, name, owner_id) values
  ('a0000000-0000-4000-8000-000000000001', 'one', '00000000-0000-4000-8000-000000000002'),
  ('a0000000-0000-4000-8000-000000000002', 'two', '00000000-0000-4000-8000-000000000001');
insert into public.org_members values
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001'),
  ('a0000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003');
insert into public.projects (org_id, name) select id, name from public.orgs;`

it('does not take the owner of a tenant for a stranger where there are rows', async () => {
  const script = `${base} ${projects('private.owns(org_id) or private.is_member(org_id)')} ${rows}`
  const held = await judgeScript(script, declared)
  expect(cells(held, 'public.orgs')).toEqual(['proven'])
  expect(cells(held, 'public.projects')).toEqual(['proven'])
  expect(errors(held)).toEqual([])
  const open = await judgeScript(script, undeclared)
  expect(cells(open, 'public.orgs')).toEqual(['unknown'])
  expect(errors(open)).toEqual([])
})
