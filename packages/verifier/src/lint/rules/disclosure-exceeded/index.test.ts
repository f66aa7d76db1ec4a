import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { readCases } from '../../../../test/readme-cases.js'
import { disclosureExceeded } from './index.js'

describeRule(disclosureExceeded, import.meta.url, { severity: 'error', fixable: false })

const cases = readCases(import.meta.url)

const body = (text: string, declared = 'stable'): string => `${cases.good}
  create or replace function account_of(wanted text) returns text language plpgsql ${declared} security definer
    set search_path = pg_catalog, pg_temp as $f$ begin ${text} end $f$;`

/** Changes of the good SQL, each of which lets the function or its role do more. */
const more: readonly (readonly [what: string, text: string, found: RegExp])[] = [
  [
    'everybody may call it',
    `${cases.good} grant execute on function account_of(text) to public`,
    /everybody may call it/,
  ],
  [
    'another role may call it',
    `${cases.good} grant execute on function account_of(text) to anon_user`,
    /anon_user may call it/,
  ],
  [
    'a caller may pass it on',
    `${cases.good} grant execute on function account_of(text) to app_user with grant option`,
    /may let others call it/,
  ],
  [
    'a caller is inherited',
    `${cases.good} grant app_user to anon_user`,
    /anon_user may call it by becoming another role/,
  ],
  [
    'it runs as another role',
    `${cases.good} alter function account_of(text) owner to app_owner`,
    /runs as .*app_owner/,
  ],
  [
    'its names are open',
    `${cases.good} alter function account_of(text) set search_path = public, pg_temp`,
    /search_path/,
  ],
  [
    'its name is another one, too',
    `${cases.good} create function account_of(id int) returns text language sql as 'select null'`,
    /several functions have its name/,
  ],
  [
    'a column more is granted',
    `${cases.good} grant select (secret) on accounts to app_directory`,
    /may SELECT public\.accounts \(secret\)/,
  ],
  [
    'a write is granted',
    `${cases.good} grant update (login) on accounts to app_directory`,
    /may UPDATE public\.accounts \(login\)/,
  ],
  [
    'everybody reads its table',
    `${cases.good} grant select on accounts to public`,
    /may SELECT on public\.accounts/,
  ],
  [
    'another table is granted',
    `${cases.good} create table other (id int); grant select on other to app_directory`,
    /may SELECT on public\.other/,
  ],
  ['its role may log in', `${cases.good} alter role app_directory login`, /may log in/],
  [
    'its role bypasses policies',
    `${cases.good} alter role app_directory bypassrls`,
    /bypasses Row Level Security/,
  ],
  [
    'its role is a member of another',
    `${cases.good} grant pg_read_all_data to app_directory`,
    /can become pg_read_all_data/,
  ],
  [
    'a runtime role can become its role',
    `${cases.good} grant app_directory to anon_user`,
    /anon_user can become it/,
  ],
  [
    'its role owns a view',
    `${cases.good} create view logins as select login from accounts; alter view logins owner to app_directory`,
    /owns public\.logins/,
  ],
  [
    'it reads a column that is not declared',
    body('return (select a.secret from public.accounts a where a.login = wanted);'),
    /reads public\.accounts \(secret\)/,
  ],
  [
    'it compares a column that is not declared',
    body('return (select a.tenant_id from public.accounts a where id = 1);'),
    /reads public\.accounts \(id\)/,
  ],
  [
    'it reads whole rows',
    body('return (select to_jsonb(a) from public.accounts a limit 1);'),
    /reads public\.accounts \(id, secret\)/,
  ],
  [
    'it reads another table',
    `create table notes (tenant_id text not null, body text); ${body('return (select n.body from public.notes n limit 1);')}`,
    /reads public\.notes/,
  ],
  [
    'it writes',
    body(
      'update public.accounts as a set login = wanted where a.login = wanted; return null;',
      'volatile',
    ),
    /updates public\.accounts \(login\)/,
  ],
  [
    'it deletes',
    body('delete from public.accounts as a where a.login = wanted; return null;', 'volatile'),
    /deletes from public\.accounts/,
  ],
  [
    'it runs SQL that it is given',
    body('execute wanted; return null;', 'volatile'),
    /cannot be read/,
  ],
  [
    'a function that it calls reads more',
    `create table notes (tenant_id text not null, body text);
    create function peek() returns text language sql as 'select body from public.notes'; ${body('return public.peek();')}`,
    /reads public\.notes through public\.peek\(\)/,
  ],
  [
    'nobody declared what runs as its role',
    `${cases.good} create function all_logins() returns setof text language sql security definer
    set search_path = pg_catalog, pg_temp as 'select a.login from public.accounts a'; alter function all_logins() owner to app_directory`,
    /no disclosure declares it/,
  ],
]

it.each(more)('finds that %s', async (_what, text, found) => {
  const findings = await lintSql(disclosureExceeded, text, cases.tables, cases.model)
  expect(findings.filter(({ severity }) => severity === 'error')).not.toEqual([])
  expect(findings.map(({ message }) => message).join('\n')).toMatch(found)
})

it('warns of a disclosure whose function is not there', async () => {
  const text = `${cases.good} drop function account_of(text)`
  const findings = await lintSql(disclosureExceeded, text, cases.tables, cases.model)
  expect(findings.map(({ severity, key }) => `${severity} ${key}`)).toEqual([
    'warning disclosure-exceeded:public.account_of',
  ])
})

it('reads a body whose variables have types of the database', async () => {
  const into = (column: string): string => `create type mood as enum ('glad'); ${cases.good}
    create or replace function account_of(wanted text) returns text language plpgsql stable security definer
      set search_path = pg_catalog, pg_temp as $f$
      declare tenant text; /* of */ felt public.mood; other public.mood := 'glad'; begin
      select a.tenant_id, 'glad', ${column} into tenant, felt, other from public.accounts a where a.login = wanted;
      return tenant; end $f$;`
  const lint = (text: string): ReturnType<typeof lintSql> =>
    lintSql(disclosureExceeded, text, cases.tables, cases.model)
  expect(await lint(into(`'glad'`))).toEqual([])
  expect((await lint(into('a.secret'))).map(({ message }) => message)).toEqual([
    expect.stringMatching(/reads public\.accounts \(secret\)\.$/),
  ])
})
