import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { securityDefinerFunction } from './index.js'

describeRule(securityDefinerFunction, import.meta.url, { severity: 'error', fixable: true })

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes enable row level security;`
const reads = `language sql security definer set search_path = '' as 'select count(*) from public.notes'`

it('says nothing about a function that no runtime role may call', async () => {
  const text = `${table} create function n() returns bigint ${reads}; revoke execute on function n() from public`
  expect(await lintSql(securityDefinerFunction, text)).toEqual([])
})

it('is a hint when the body looks at the context', async () => {
  const text = `${table} create function n() returns bigint language sql security definer set search_path = '' as
    'select count(*) from public.notes where tenant_id = current_setting(''app.tenant_id'', true)'`
  const findings = await lintSql(securityDefinerFunction, text)
  expect(findings.map(({ severity }) => severity)).toEqual(['info'])
})

it('only warns of an open search_path where the body names no table by itself', async () => {
  const text = `create function now_utc() returns timestamptz language sql security definer as 'select now()'`
  const findings = await lintSql(securityDefinerFunction, text)
  expect(findings.map(({ severity }) => severity)).toEqual(['warning'])
})

const dynamic = (body: string, args = 'p_order text'): string => `${table}
  create function n(${args}) returns setof notes language plpgsql security definer set search_path = '' as $f$
  begin ${body} end $f$`
const filter = `where tenant_id = current_setting(''app.tenant_id'', true)`

it.each([
  `return query execute 'select * from public.notes ${filter} order by ' || p_order;`,
  `return query execute format('select * from public.notes ${filter} order by %s', p_order);`,
  `return query execute format('select * from public.notes ${filter} and body = %1$L order by %1$s', p_order);`,
])('finds an argument that becomes SQL: %s', async (body) => {
  const findings = await lintSql(securityDefinerFunction, dynamic(body))
  expect(findings.map(({ severity, key }) => `${severity} ${key}`)).toContain(
    'error security-definer-function:public.n(p_order text):dynamic-sql',
  )
})

it('follows an argument through a variable', async () => {
  const body = `p_query := 'select * from public.notes ${filter} order by ' || p_order; return query execute p_query;`
  const text = dynamic(body, 'p_order text, p_query text')
  const findings = await lintSql(securityDefinerFunction, text)
  expect(findings.some(({ key }) => key.endsWith(':dynamic-sql'))).toBe(true)
})

it.each([
  [`return query execute 'select * from public.notes ${filter} and body = $1' using p_order;`],
  [`return query execute format('select * from public.notes ${filter} order by %I', p_order);`],
  [
    `return query execute 'select * from public.notes ${filter} order by ' || quote_ident(p_order);`,
  ],
])('says nothing of an argument that is quoted or bound: %s', async (body) => {
  const findings = await lintSql(securityDefinerFunction, dynamic(body))
  expect(findings.map(({ severity }) => severity)).toEqual([])
})

it('says nothing of an argument whose type cannot hold SQL', async () => {
  const body = `return query execute 'select * from public.notes ${filter} and id = ' || p_id;`
  const findings = await lintSql(securityDefinerFunction, dynamic(body, 'p_id integer'))
  expect(findings.map(({ severity }) => severity)).toEqual([])
})

const lookup = (settings: string): string => `create schema lab; create schema safe;
  create function safe.is_on() returns boolean language sql as 'select true';
  create function n() returns boolean language sql security definer ${settings} as 'select is_on()'`

it('finds a pinned search_path with a schema that the caller can fill', async () => {
  const text = `${lookup('set search_path = lab, safe, pg_temp')}; grant create on schema lab to app_user`
  const errors = (
    await lintSql(securityDefinerFunction, `set check_function_bodies = off; ${text}`)
  ).filter(({ severity }) => severity === 'error')
  expect(errors.map(({ evidence }) => evidence['schemas'])).toEqual([['lab']])
})

it('says nothing of the same path when nobody can fill it', async () => {
  const text = lookup('set search_path = lab, safe, pg_temp')
  expect(
    await lintSql(securityDefinerFunction, `set check_function_bodies = off; ${text}`),
  ).toEqual([])
})

const trigger = (settings: string, table: string): string => `create table log (body text);
  create table notes (tenant_id text not null, body text); grant insert on notes to app_user;
  create function copy() returns trigger language plpgsql security definer ${settings} as
    $$ begin insert into ${table} values (new.body); return new; end $$;
  create trigger copy after insert on notes for each row execute function copy()`

it('finds a trigger function that a temporary table of the writer can mislead', async () => {
  const findings = await lintSql(
    securityDefinerFunction,
    trigger('set search_path = public', 'log'),
  )
  expect(findings.map(({ severity, object }) => [severity, object])).toEqual([
    ['error', 'public.copy()'],
  ])
})

it.each([
  trigger('set search_path = public, pg_temp', 'log'),
  trigger(`set search_path = ''`, 'public.log'),
  `${trigger('', 'log')}; revoke insert on notes from app_user`,
])('says nothing of a trigger function that nobody can mislead: %s', async (text) => {
  expect(await lintSql(securityDefinerFunction, text)).toEqual([])
})

it('lets no table count as proven whose rows a spliced argument reaches past its policies', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null, body text);
    alter table notes enable row level security; alter table notes force row level security;
    grant select on notes to app_user;
    create policy p on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
    create function search(wanted text) returns setof int language plpgsql stable security definer
      set search_path = pg_catalog, pg_temp as $$ begin
        return query execute 'select id from public.tags where label = ''' || wanted || '''';
      end $$`
  const findings = await lintSql(securityDefinerFunction, text)
  const [spliced] = findings.filter(({ evidence }) => 'arguments' in evidence)
  expect(spliced?.evidence.objects).toContain('public.notes')
})

const fired = (body: string): string => `${table} grant insert on notes to app_user;
  create function f() returns trigger language plpgsql security definer set search_path = '' as $f$
    begin ${body} return new; end $f$;
  create trigger f before insert on notes for each row execute function f()`

it.each([
  `new.body := (select string_agg(n.body, ',') from public.notes n);`,
  `update public.notes set body = 'x' where body = new.body;`,
])('finds a trigger that does not look whose its row is: %s', async (body) => {
  const findings = await lintSql(securityDefinerFunction, fired(body))
  expect(findings.map(({ severity }) => severity)).toEqual(['error'])
})

it.each([
  `new.id := (select max(n.id) + 1 from public.notes n where n.tenant_id = new.tenant_id);`,
  `update public.notes set body = 'x' where id = new.id;`,
  `insert into public.notes select 1, 'a', to_jsonb(new)::text from public.notes;`,
  `new.body := (select min(n.body) from public.notes n where n.tenant_id = current_setting('app.tenant_id', true));`,
])('leaves to the attacks what a trigger does with whose its row is: %s', async (body) => {
  const findings = await lintSql(securityDefinerFunction, fired(body))
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
})

it('finds the function of an aggregate, which runs without EXECUTE on it', async () => {
  const text = (definer: string): string => `${table}
    create function step(text, int) returns text language sql ${definer} set search_path = '' as
      'select string_agg(body, '','') from public.notes';
    revoke execute on function step(text, int) from public;
    create aggregate all_bodies(int) (sfunc = step, stype = text)`
  const findings = await lintSql(securityDefinerFunction, text('security definer'))
  expect(findings.map(({ severity }) => severity)).toEqual(['error'])
  expect(await lintSql(securityDefinerFunction, text(''))).toEqual([])
})
