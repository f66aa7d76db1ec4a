import { defineTenancy } from 'watertight/model'
import type { ContextInput } from 'watertight/model'
import { beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import type { CheckResult } from '../findings/index.js'
import type { Solver } from '../prove/solver.js'
import { check } from './check.js'

/** A hosted database: the gateway puts verified claims in a setting and runs as the role they name. */
const base = `
create schema auth; create schema private;
create role APP nologin; create role GUEST nologin;
grant usage on schema public, auth, private to APP, GUEST;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')::text $$;
create table public.orgs (id uuid primary key, name text not null);
create table public.members (org_id uuid not null references public.orgs, user_id uuid not null, primary key (org_id, user_id));
create table public.posts (id uuid primary key, org_id uuid not null references public.orgs, author uuid, body text);
alter table public.orgs enable row level security; alter table public.members enable row level security;
alter table public.posts enable row level security;
create policy own on public.members for select to APP using (user_id = auth.uid());
grant select on public.orgs, public.members to APP;
grant select, insert on public.posts to APP, GUEST;
create function private.has_joined() returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.members m where m.user_id = auth.uid()) $$;`

const claims: ContextInput = {
  kind: 'membership',
  user: { guc: 'request.jwt.claims', claim: '/sub' },
  via: { table: 'public.members', user: 'user_id', tenant: 'org_id' },
}
const claimOfTenant: ContextInput = {
  kind: 'jwt-claims',
  guc: 'request.jwt.claims',
  tenant: '/app_metadata/org_id',
}

let solver: Solver
beforeAll(async () => {
  solver = await sharedSolver()
})

interface Asked {
  readonly context?: ContextInput
  readonly named?: string
  readonly isDeclared?: boolean
}

interface Judged {
  readonly result: CheckResult
  readonly verdicts: (of: 'APP' | 'GUEST', command: string) => string[]
}

async function judge(text: string, asked: Asked = {}): Promise<Judged> {
  const { context = claims, named = 'anon', isDeclared = true } = asked
  const database = await createTestDatabase()
  try {
    const [app, guest] = [`${database.rolePrefix}_app`, `${database.rolePrefix}_${named}`]
    const script = `${base} ${text}`.replaceAll('APP', app).replaceAll('GUEST', guest)
    await database.admin.query(script)
    const model = defineTenancy({
      tenantKey: { column: 'org_id', type: 'uuid', table: 'public.orgs' },
      context,
      roles: { app, ...(isDeclared ? { public: guest } : { worker: guest }) },
      schemas: ['public'],
    })
    const result = await check(database.admin, { model, solver, live: true, now: () => new Date() })
    const verdicts: Judged['verdicts'] = (of, command) =>
      result.coverage
        .filter(
          ({ object, role }) => object === 'public.posts' && role === (of === 'APP' ? app : guest),
        )
        .filter((row) => row.command === command)
        .map(({ verdict }) => verdict)
    return { result, verdicts }
  } finally {
    await database.drop()
  }
}

const reads = (condition: string): string =>
  `create policy p on public.posts for select to GUEST using (${condition});`
const stores = (condition: string): string =>
  `create policy p on public.posts for insert to GUEST with check (${condition});`

interface Twins {
  readonly command?: 'INSERT'
  readonly context?: ContextInput
  readonly good: string
  readonly bad: string
}

/** What anybody may see or store without a user, beside what takes one. */
const twins: Readonly<Record<string, Twins>> = {
  'a user asked for, or the lack of one': {
    good: reads('auth.uid() is not null'),
    bad: reads('auth.uid() is null'),
  },
  'a user asked for, or nothing': {
    good: reads('(select auth.uid()) is not null'),
    bad: reads('true'),
  },
  'a tenant that is there, with a user or without': {
    good: reads('org_id is not null and auth.uid() is not null'),
    bad: reads('org_id is not null'),
  },
  'a user, or any row where there is none': {
    good: reads('auth.uid() is not null and author is not null'),
    bad: reads('auth.uid() is null or author = auth.uid()'),
  },
  'the role of users, or the own one': {
    good: reads(`auth.role() = 'authenticated'`),
    bad: reads(`auth.role() = 'GUEST'`),
  },
  'any other role than the own one, or than another': {
    good: reads(`auth.role() <> 'GUEST'`),
    bad: reads(`auth.role() <> 'service_role'`),
  },
  'an author compared as it is, or past NULL': {
    good: reads('author = auth.uid()'),
    bad: reads('author is not distinct from auth.uid()'),
  },
  'an author in place of a user who is not there, or none': {
    good: reads('coalesce(auth.uid(), null) = author'),
    bad: reads('coalesce(auth.uid(), author) = author'),
  },
  'members of any organisation, or anybody in their place': {
    good: reads('private.has_joined()'),
    bad: reads('not private.has_joined()'),
  },
  'the setting with the user alone, or another value than one': {
    good: reads(`nullif(current_setting('request.jwt.claim.sub', true), '') is not null`),
    bad: reads(`coalesce(current_setting('request.jwt.claim.sub', true), '') <> 'nobody'`),
  },
  'the claim of the user in the claims, or in what they lack': {
    good: reads(`auth.jwt() ->> 'sub' is not null`),
    bad: reads(`auth.jwt() ->> 'sub' is null`),
  },
  'a row stored by users, or by anybody': {
    command: 'INSERT',
    good: stores('auth.uid() is not null'),
    bad: stores('auth.uid() is null'),
  },
  'a row stored by its author, or by whoever says none': {
    command: 'INSERT',
    good: stores('author = auth.uid()'),
    bad: stores('author is not distinct from auth.uid()'),
  },
  'a tenant in the claims, asked for or not': {
    context: claimOfTenant,
    good: reads(`auth.jwt() -> 'app_metadata' ->> 'org_id' is not null`),
    bad: reads(`auth.jwt() -> 'app_metadata' ->> 'org_id' is null`),
  },
  'a user beside a tenant in the claims, asked for or not': {
    context: claimOfTenant,
    good: reads('auth.uid() is not null'),
    bad: reads(`coalesce(auth.uid()::text, 'nobody') <> ''`),
  },
}

it.each(Object.keys(twins))(
  'takes requests of everybody for such without a user: %s',
  async (name) => {
    const { good, bad, command = 'SELECT', context } = twins[name] ?? { good: '', bad: '' }
    const asked = context === undefined ? {} : { context }
    const [sound, open] = [await judge(good, asked), await judge(bad, asked)]
    expect(sound.verdicts('GUEST', command)).toEqual(['proven'])
    expect(sound.result.assumptions.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^requests that run as \S+_anon carry no user/),
    )
    expect(open.verdicts('GUEST', command)).toEqual(['leak'])
  },
)

const anyUser = reads('auth.uid() is not null')

/** Who is called the same and may have a user all the same. */
const others: Readonly<Record<string, { readonly text: string } & Asked>> = {
  'where settings are plain, and whoever runs SQL sets them': {
    text: reads(`nullif(current_setting('app.user', true), '') is not null`),
    context: { ...claims, user: { guc: 'app.user' } },
  },
  'where claims are in a setting that no known gateway sets': {
    text: reads(`nullif(current_setting('app.claims', true), '')::jsonb ->> 'sub' is not null`),
    context: { ...claims, user: { guc: 'app.claims', claim: '/sub' } },
  },
  'that may log in': { text: `${anyUser} alter role GUEST login;` },
  'that may only read, under another name': { text: anyUser, named: 'analyst' },
  'that is declared for something else': { text: anyUser, isDeclared: false },
  'where a function sets the claims for its caller': {
    text: `${anyUser} create function public.act_as(who uuid) returns void language plpgsql as $$
      begin perform set_config('request.jwt.claims', json_build_object('sub', who)::text, true); end $$;`,
  },
}

it.each(Object.keys(others))('goes on to try a user as a role %s', async (name) => {
  const { text, ...asked } = others[name] ?? { text: '' }
  const { verdicts } = await judge(text, asked)
  expect(verdicts('GUEST', 'SELECT')).toEqual(['leak'])
})

it('tries a user as the role of users, which may become the one without', async () => {
  const { verdicts } = await judge(`${anyUser} grant GUEST to APP;`)
  expect(verdicts('APP', 'SELECT')).toEqual(['leak'])
})

it('names the assumption with what rests on memberships that nobody without a user can store', async () => {
  const { result } = await judge(
    `create policy joined on public.posts for select to APP
       using (exists (select from public.members m where m.org_id = posts.org_id and m.user_id = auth.uid()));
     grant insert on public.members to GUEST;
     create policy joins on public.members for insert to GUEST with check (user_id = auth.uid());`,
  )
  const read = result.coverage.find(
    ({ object, role, command }) =>
      object === 'public.posts' && role.endsWith('_app') && command === 'SELECT',
  )
  expect(read?.verdict).toBe('proven')
  expect(read?.assumptions).toContainEqual(expect.stringMatching(/_anon carry no user/))
})
