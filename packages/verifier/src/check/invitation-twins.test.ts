import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import type { CheckResult } from '../findings/index.js'

/** Accounts whose owners invite by a link with a secret. */
const base = `
create schema auth; create schema team; create schema extensions;
grant usage on schema public, auth, team, extensions to APP;
create extension pgcrypto schema extensions;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as $$
  select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create type team.account_role as enum ('owner', 'member');
create table team.accounts (id uuid primary key default gen_random_uuid(), name text not null, slug text unique);
create table team.account_user (account_id uuid not null references team.accounts on delete cascade,
  user_id uuid not null references auth.users on delete cascade, account_role team.account_role not null, primary key (user_id, account_id));
create function team.generate_token(length int) returns text language sql as $$
  select regexp_replace(replace(replace(encode(extensions.gen_random_bytes(length)::bytea, 'base64'), '/', ''), '+', ''), E'[\\\\n\\\\r]+', '', 'g') $$;
create table team.invitations (id uuid unique not null default gen_random_uuid(), account_id uuid not null references team.accounts on delete cascade,
  account_role team.account_role not null default 'member', token text unique not null default team.generate_token(30), email text,
  invited_by uuid references auth.users, invitation_type text, created_at timestamptz not null default now(), accepted_at timestamptz);
create table public.projects (id uuid primary key default gen_random_uuid(), account_id uuid not null references team.accounts, name text not null);
create function team.has_role(account_id uuid, wanted team.account_role default null) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from team.account_user u where u.user_id = auth.uid() and u.account_id = has_role.account_id and (u.account_role = wanted or wanted is null)) $$;
create function team.stamp() returns trigger language plpgsql as $$ begin new.created_at := now(); return new; end $$;
create trigger stamp before insert or update on team.invitations for each row execute function team.stamp();
alter table team.accounts enable row level security; alter table team.account_user enable row level security;
alter table team.invitations enable row level security; alter table public.projects enable row level security;
create policy r on team.accounts for select to APP using (team.has_role(id));
create policy r on team.account_user for select to APP using (team.has_role(account_id));
create policy d on team.account_user for delete to APP using (team.has_role(account_id, 'owner'));
create policy o on team.invitations to APP using (team.has_role(account_id, 'owner')) with check (team.has_role(account_id, 'owner'));
create policy m on public.projects to APP using (team.has_role(account_id));
grant select, delete on team.account_user to APP; grant select on team.accounts to APP;
grant select, insert, update, delete on team.invitations, public.projects to APP;
create function public.invitations_of(account_id uuid) returns json language sql as $$
  select json_agg(json_build_object('id', i.id, 'token', i.token)) from team.invitations i where i.account_id = invitations_of.account_id $$;`

const model: TenancyInput = {
  tenantKey: { column: 'account_id', type: 'uuid', table: 'team.accounts' },
  context: {
    kind: 'membership',
    user: { guc: 'request.jwt.claims', claim: '/sub' },
    via: { table: 'team.account_user', user: 'user_id', tenant: 'account_id' },
  },
  schemas: ['public', 'team'],
}

const as = `security definer set search_path = ''`

/** The function of a starter kit, with other parts of it put in. */
function starter(
  parts: Partial<Record<'args' | 'tenant' | 'where' | 'user' | 'first', string>>,
): string {
  const { args = 'lookup_token text', tenant = 'i.account_id' } = parts
  const { where = 'i.token = lookup_token', user = 'auth.uid()', first = '' } = parts
  return `create function public.accept_invitation(${args}) returns jsonb language plpgsql security definer set search_path = public, team as $$
    declare lookup_account_id uuid; declare new_member_role team.account_role; lookup_slug text;
    begin
      ${first}
      select ${tenant}, i.account_role, a.slug into lookup_account_id, new_member_role, lookup_slug
        from team.invitations i join team.accounts a on a.id = i.account_id
        where ${where} and i.created_at > now() - interval '24 hours';
      if lookup_account_id is null then raise exception 'Invitation not found'; end if;
      insert into team.account_user (account_id, user_id, account_role) values (lookup_account_id, ${user}, new_member_role);
      delete from team.invitations i where ${where} and i.invitation_type = 'one_time';
      return jsonb_build_object('account_id', lookup_account_id, 'slug', lookup_slug);
    exception when unique_violation then raise exception 'You are already a member of this account';
    end $$;`
}

/** The function as it is written by hand, with a row in a variable. */
function byHand(parts: Partial<Record<'lookup' | 'into' | 'insert' | 'declare', string>>): string {
  const {
    lookup = 'select * into inv from team.invitations where token = btrim(p_token) for update',
  } = parts
  const { into = 'inv team.invitations%rowtype', declare = 'v_user uuid := auth.uid();' } = parts
  const {
    insert = `values (inv.account_id, v_user, 'member') on conflict (user_id, account_id) do update set account_role = excluded.account_role`,
  } = parts
  return `create function public.accept(p_token text, p_account uuid) returns uuid language plpgsql ${as} as $$
    declare ${into}; ${declare}
    begin
      if v_user is null then raise exception 'sign in'; end if;
      ${lookup};
      if not found then raise exception 'no such invitation'; end if;
      insert into team.account_user (account_id, user_id, account_role) ${insert};
      update team.invitations set accepted_at = now() where token = btrim(p_token);
      return null;
    end $$;`
}

const inSql = (where: string, tenant = 'i.account_id'): string =>
  `create function public.join_by(p_token text, p_account uuid) returns void language sql ${as} as $$
    insert into team.account_user (account_id, user_id, account_role)
      select ${tenant}, auth.uid(), i.account_role from team.invitations i where ${where} on conflict do nothing $$;`

const token = (expression: string): string =>
  `alter table team.invitations alter column token set default ${expression};`

/** Ways to accept an invitation that ask for its secret, and nobody else gets at it. */
const sound: Readonly<Record<string, string>> = {
  'by a function of a starter kit': starter({}),
  'with a function beside it that shows the invitation to whoever has the secret': `${starter({})}
    create function public.lookup_invitation(t text) returns jsonb language plpgsql ${as} as $$ begin
      return (select jsonb_build_object('name', a.name, 'active', i.created_at > now()) from team.invitations i join team.accounts a on a.id = i.account_id where i.token = t); end $$;`,
  'with a function beside it that counts without the secret': `${starter({})}
    create function public.pending() returns bigint language sql ${as} as $$ select count(*) from team.invitations i where i.email = (select u.email from auth.users u where u.id = auth.uid()) $$;`,
  'by hand, with the row in a variable': byHand({}),
  'by hand, with the row in a record': byHand({ into: 'inv record' }),
  'by an UPDATE that marks the invitation and returns it': byHand({
    into: 'inv record',
    lookup:
      'update team.invitations i set accepted_at = now() where i.token = p_token and i.accepted_at is null returning i.* into inv',
  }),
  'by a DELETE that returns the account': byHand({
    into: 'v_account uuid',
    lookup: 'delete from team.invitations where token = $1 returning account_id into v_account',
    insert: `values (v_account, v_user, 'member')`,
  }),
  'in one statement of SQL': inSql('i.token = p_token and i.created_at > now()'),
  'by a token of type uuid': `alter table team.invitations drop column token; alter table team.invitations add column token uuid not null unique default gen_random_uuid();
    ${starter({ args: 'lookup_token uuid' })}`,
  'by a token of the bytes of pgcrypto': `${token(`encode(extensions.gen_random_bytes(24), 'hex')`)} ${starter({})}`,
}

/** The subtly wrong twins: the caller comes to a tenant that did not invite. */
const unsound: Readonly<Record<string, string>> = {
  'the tenant is the caller’s choice': starter({
    args: 'lookup_token text, p_account uuid',
    tenant: 'p_account',
  }),
  'the tenant is another column of the invitation': `alter table team.invitations add column from_account uuid references team.accounts; ${starter({ tenant: 'i.from_account' })}`,
  'the invitation is found by its id': starter({
    args: 'lookup_token uuid',
    where: 'i.id = lookup_token',
  }),
  'the invitation is found by the address': starter({ where: 'i.email = lookup_token' }),
  'the secret or the address will do': starter({
    where: '(i.token = lookup_token or i.email = lookup_token)',
  }),
  'the secret is compared by its pattern': starter({ where: 'i.token like lookup_token' }),
  'a missing secret will do': starter({ where: 'i.token = coalesce(lookup_token, i.token)' }),
  'the secret is compared with itself': starter({
    args: 'token text',
    where: 'i.token = i.token',
  }),
  'a name means the column and the argument': starter({
    args: 'lookup_token text, slug text',
    where: 'i.token = slug',
  }),
  'the argument is replaced before it is compared': starter({
    args: 'lookup_token text, p_id uuid',
    first: 'select x.token into lookup_token from team.invitations x where x.id = p_id;',
  }),
  'the argument hides behind another variable': starter({
    args: 'lookup_token text, p_account uuid',
    first: 'if p_account is not null then lookup_account_id := p_account; end if;',
    where: 'i.token = lookup_token',
  }),
  'the variable may be filled before': byHand({
    into: 'inv record',
    lookup: `select * into inv from team.invitations where token = p_token; inv.account_id := coalesce(p_account, inv.account_id)`,
  }),
  'the variable goes by two names': byHand({
    into: 'v_account uuid',
    declare: 'v_user uuid := auth.uid(); other alias for v_account;',
    lookup:
      'select i.account_id into v_account from team.invitations i where i.token = p_token; other := p_account',
    insert: `values (v_account, v_user, 'member')`,
  }),
  'the lookup says only whether there is an invitation': byHand({
    lookup: 'select * into inv from team.invitations where token = p_token',
    insert: `values (p_account, v_user, 'member')`,
  }),
  'an account is taken where the row gives none': byHand({
    insert: `values (coalesce(p_account, inv.account_id), v_user, 'member')`,
  }),
  'the row is of another query': byHand({
    lookup:
      'perform 1 from team.invitations where token = p_token; select * into inv from team.invitations where account_id = p_account',
  }),
  'the UPDATE that finds the invitation moves it': byHand({
    into: 'inv record',
    lookup:
      'update team.invitations set account_id = p_account where token = p_token returning * into inv',
  }),
  'whoever conflicts becomes a member of the tenant of the caller’s choice': byHand({
    insert: `values (inv.account_id, v_user, 'member') on conflict (user_id, account_id) do update set account_id = p_account`,
  }),
  'who becomes a member is the caller’s choice': starter({
    args: 'lookup_token text, p_user uuid',
    user: 'p_user',
  }),
  'there is no lookup': inSql('i.account_id = p_account'),
  'the tenant does not come from the row': inSql('i.token = p_token', 'p_account'),
  'the table is whatever the caller named so': `create function public.join_by(p_token text) returns void language sql security definer set search_path = team as $$
    insert into team.account_user (account_id, user_id, account_role) select i.account_id, auth.uid(), 'member' from invitations i where i.token = p_token $$;`,
  'the function runs with the search_path of its caller': starter({}).replace(
    'set search_path = public, team',
    '',
  ),
  'everybody reads the secrets': `${starter({})} create policy "by link" on team.invitations for select to APP using (true);`,
  'everybody invites to every account': `${starter({})} create policy "invite" on team.invitations for insert to APP with check (invited_by = auth.uid());`,
  'an invitation may be moved to another account': `${starter({})} create policy "move" on team.invitations for update to APP using (team.has_role(account_id, 'owner')) with check (true);`,
  'the table of invitations has no policies': `${starter({})} alter table team.invitations disable row level security;`,
  'a function tells the secrets of an address': `${starter({})}
    create function public.mine(p_email text) returns setof text language sql ${as} as $$ select i.token from team.invitations i where i.email = p_email and auth.uid() is not null $$;`,
  'a function tells whole invitations by their id': `${starter({})}
    create function public.invitation(p_id uuid) returns json language plpgsql ${as} as $$ declare r record; begin
      if auth.uid() is null then return null; end if; select * into r from team.invitations where id = p_id; return to_json(r); end $$;`,
  'a function invites whoever asks': `${starter({})}
    create function public.invite(p_account uuid) returns void language sql ${as} as $$ insert into team.invitations (account_id, invited_by) values (p_account, auth.uid()) $$;`,
  'a function renews the secret with one that it is given': `${starter({})}
    create function public.renew(p_id uuid, p_new text) returns void language sql ${as} as $$ update team.invitations set token = p_new where id = p_id and auth.uid() is not null $$;`,
  'a function asks for the secret itself': `${starter({})}
    create function public.accept_by_id(p_id uuid) returns void language plpgsql ${as} as $$ begin perform public.accept_invitation(i.token) from team.invitations i where i.id = p_id and auth.uid() is not null; end $$;`,
  'a view shows the secrets': `${starter({})} create view public.open_invitations with (security_barrier) as select i.id, i.token from team.invitations i where i.email is null; grant select on public.open_invitations to APP;`,
  'a trigger copies the secrets': `create table public.log (id bigint generated always as identity, entry jsonb); grant select on public.log to APP;
    create function team.copy() returns trigger language plpgsql ${as} as $$ begin insert into public.log (entry) values (to_jsonb(new)); return new; end $$;
    create trigger copy after insert on team.invitations for each row execute function team.copy(); ${starter({})}`,
  'a trigger moves the membership to another account': `create function team.move() returns trigger language plpgsql as $$ begin new.account_id := (select a.id from team.accounts a where a.slug = 'acme'); return new; end $$;
    create trigger move before insert on team.account_user for each row execute function team.move(); ${starter({})}`,
  'a trigger moves the invitation to another account': `create function team.move() returns trigger language plpgsql as $$ begin new.account_id := (select a.id from team.accounts a where a.slug = 'acme'); return new; end $$;
    create trigger move before update on team.invitations for each row execute function team.move(); ${byHand(
      {
        into: 'inv record',
        lookup:
          'update team.invitations set accepted_at = now() where token = p_token returning * into inv',
      },
    )}`,
  'a foreign key copies the secrets': `create table public.sent (token text references team.invitations (token)); grant select on public.sent to APP; ${starter({})}`,
  'the secret is a code of six digits': `${token(`lpad(floor(random() * 1000000)::text, 6, '0')`)} ${starter({})}`,
  'the secret is the head of a random one': `${token(`left(gen_random_uuid()::text, 8)`)} ${starter({})}`,
  'the secret is of few bytes': `${token(`team.generate_token(4)`)} ${starter({})}`,
  'the secret is of a generator that is no secret one': `${token(`md5(random()::text)`)} ${starter({})}`,
  'the secret is the random part of a text that is cut': `${token(`substr(encode(extensions.gen_random_bytes(24), 'hex'), 1, 6)`)} ${starter({})}`,
}

/** By proof alone. */
const atRest = { live: false }

const verdicts = ({ coverage }: CheckResult, object: string): string[] => [
  ...new Set(
    coverage
      .filter((row) => row.object === object && row.verdict !== 'not-applicable')
      .map(({ verdict }) => verdict),
  ),
]

const assumed =
  /^team\.invitations\.token is told only to those whom its tenant invites: public\.\w+\(.*\) makes whoever knows it a member$/

it.each(Object.keys(sound))(
  'proves memberships under the assumption that the secret is one: %s',
  async (name) => {
    const result = await judgeScript(`${base} ${sound[name] ?? ''}`, model, atRest)
    for (const object of ['team.account_user', 'team.accounts', 'public.projects']) {
      expect([object, verdicts(result, object)]).toEqual([object, ['proven']])
    }
    expect(result.assumptions.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(assumed),
    )
  },
)

it('shows no leak to a live probe, and makes no noise', async () => {
  const result = await judgeScript(
    `${base} ${sound['by a function of a starter kit'] ?? ''}`,
    model,
  )
  expect(verdicts(result, 'team.account_user')).toEqual(['proven'])
  expect(result.findings.filter(({ severity }) => severity === 'error')).toEqual([])
})

it.each(Object.keys(unsound))('proves no membership where %s', async (name) => {
  const result = await judgeScript(`${base} ${unsound[name] ?? ''}`, model, atRest)
  expect(verdicts(result, 'team.account_user')).not.toContain('proven')
  expect(verdicts(result, 'public.projects')).not.toContain('proven')
})

it('assumes nothing where no function gives memberships', async () => {
  const result = await judgeScript(base, model, atRest)
  expect(verdicts(result, 'team.account_user')).toEqual(['proven'])
  expect(result.assumptions.map(({ text }) => text).filter((text) => assumed.test(text))).toEqual(
    [],
  )
})
