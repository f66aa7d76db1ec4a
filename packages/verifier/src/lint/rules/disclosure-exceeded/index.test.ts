import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { describeRule } from '../../../../test/describe-rule.js'
import { caseDatabase, readCases } from '../../../../test/readme-cases.js'
import type { CaseDatabase } from '../../../../test/readme-cases.js'
import { loadParser } from '../../../expr/index.js'
import type { Finding } from '../../../findings/index.js'
import { lintInput } from '../../lint-input.js'
import { disclosureExceeded } from './index.js'

describeRule(disclosureExceeded, import.meta.url, { severity: 'error', fixable: false })

const cases = readCases(import.meta.url)
let at: CaseDatabase

beforeAll(async () => {
  await loadParser()
  at = await caseDatabase(cases.good, cases.tables, cases.model)
})
afterAll(() => at.database.drop())

/** What is found when the good SQL is changed; the change is rolled back. */
async function lintChanged(
  change: string,
  model: TenancyModel = at.model,
): Promise<readonly Finding[]> {
  const { admin } = at.database
  await admin.query('begin')
  try {
    await admin.query(renamed(change))
    const catalog = await readCatalog(admin, { schemas: 'all' })
    return disclosureExceeded.check(lintInput(model, catalog, new Date('2026-01-01T00:00:00Z')))
  } finally {
    await admin.query('rollback')
  }
}

function renamed(change: string): string {
  const roles = ['app_user', 'app_owner', 'app_directory', 'anon_user'] as const
  return roles.reduce((text, name) => text.replaceAll(name, at.role(name)), change)
}

const body = (
  text: string,
  declared = 'stable',
): string => `create or replace function account_of(wanted text) returns text language plpgsql ${declared} security definer
    set search_path = pg_catalog, pg_temp as $f$ begin ${text} end $f$;`

/** Changes of the good SQL, each of which lets the function or its role do more. */
const more: readonly (readonly [what: string, text: string, found: RegExp])[] = [
  [
    'everybody may call it',
    'grant execute on function account_of(text) to public',
    /everybody may call it/,
  ],
  [
    'another role may call it',
    `grant execute on function account_of(text) to anon_user`,
    /anon_user may call it/,
  ],
  [
    'a caller may pass it on',
    `grant execute on function account_of(text) to app_user with grant option`,
    /may let others call it/,
  ],
  [
    'a caller is inherited',
    `grant app_user to anon_user`,
    /anon_user may call it by becoming another role/,
  ],
  [
    'it runs as another role',
    `alter function account_of(text) owner to app_owner`,
    /runs as .*app_owner/,
  ],
  [
    'its names are open',
    `alter function account_of(text) set search_path = public, pg_temp`,
    /search_path/,
  ],
  [
    'its name is another one, too',
    `create function account_of(id int) returns text language sql as 'select null'`,
    /several functions have its name/,
  ],
  [
    'a column more is granted',
    `grant select (secret) on accounts to app_directory`,
    /may SELECT public\.accounts \(secret\)/,
  ],
  [
    'a write is granted',
    `grant update (login) on accounts to app_directory`,
    /may UPDATE public\.accounts \(login\)/,
  ],
  [
    'everybody reads its table',
    `grant select on accounts to public`,
    /may SELECT on public\.accounts/,
  ],
  [
    'another table is granted',
    `create table other (id int); grant select on other to app_directory`,
    /may SELECT on public\.other/,
  ],
  ['its role may log in', `alter role app_directory login`, /may log in/],
  [
    'its role bypasses policies',
    `alter role app_directory bypassrls`,
    /bypasses Row Level Security/,
  ],
  [
    'its role is a member of another',
    `grant pg_read_all_data to app_directory`,
    /can become pg_read_all_data/,
  ],
  [
    'a runtime role can become its role',
    `grant app_directory to anon_user`,
    /anon_user can become it/,
  ],
  [
    'its role owns a view',
    `create view logins as select login from accounts; alter view logins owner to app_directory`,
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
    'a function that it calls reads another column',
    `create function peek() returns int language sql as 'select a.id from public.accounts a limit 1';
    ${body('return (select a.tenant_id || public.peek() from public.accounts a where a.login = wanted);')}`,
    /public\.peek\(\) reads public\.accounts \(id\)/,
  ],
  [
    'a trigger of what it writes reads another column',
    `create function peek() returns trigger language plpgsql as $t$
    begin perform a.secret from public.accounts a; return null; end $t$;
    create trigger peek after update on accounts execute function peek();
    ${body('update public.accounts as a set login = wanted where a.login = wanted; return null;', 'volatile')}`,
    /public\.peek\(\) reads public\.accounts \(secret\)/,
  ],
  [
    'it reads by the name of a join',
    body(
      'return (select j.secret from (public.accounts a join public.accounts b on a.login = b.login) as j limit 1);',
    ),
    /a name for a join/,
  ],
  [
    'it reads what it joins by',
    body(
      'return (select a.tenant_id from public.accounts a join public.accounts b using (id) limit 1);',
    ),
    /reads public\.accounts \(id\)/,
  ],
  [
    'it stores a whole row',
    body(`insert into public.accounts values (1, 'a', 'b', 'c'); return null;`, 'volatile'),
    /inserts public\.accounts \(id, login, secret, tenant_id\)/,
  ],
  [
    'nobody declared what runs as its role',
    `create function all_logins() returns setof text language sql security definer
    set search_path = pg_catalog, pg_temp as 'select a.login from public.accounts a'; alter function all_logins() owner to app_directory`,
    /no disclosure declares it/,
  ],
]

it.each(more)('finds that %s', async (_what, text, found) => {
  const findings = await lintChanged(text)
  expect(findings.filter(({ severity }) => severity === 'error')).not.toEqual([])
  expect(findings.map(({ message }) => message).join('\n')).toMatch(found)
})

const caller = `create role app_caller login; grant execute on function account_of(text) to app_caller;`

it.each<readonly [string, string, RegExp | null]>([
  ['may do nothing else', '', null],
  ['is not bound by policies', 'alter role app_caller bypassrls', /is not bound by policies/],
  [
    'can become another role',
    'grant app_owner to app_caller',
    /app_caller calls it and can become/,
  ],
  [
    'reads a table itself',
    'grant select (login) on accounts to app_caller',
    /has rights on public/,
  ],
])('judges a declared caller that %s', async (_what, change, found) => {
  const role = at.role('app_user').replace(/app_user$/, 'app_caller')
  const text = (caller + change).replaceAll('app_caller', role)
  const model = {
    ...at.model,
    disclosures: at.model.disclosures && {
      ...at.model.disclosures,
      functions: at.model.disclosures.functions.map((each) => ({ ...each, callers: [role] })),
    },
  }
  const messages = (await lintChanged(text, model)).map(({ message }) => message)
  expect(messages.join('\n')).toMatch(found ?? /^$/)
  // Without the declaration the same role is one too many.
  expect((await lintChanged(text)).map(({ message }) => message).join('\n')).toMatch(/may call it/)
})

it('looks at what a trigger reads only where its event happens', async () => {
  const change = (event: string): string => `
    create function peek() returns trigger language plpgsql as $t$
    begin perform a.secret from public.accounts a; return null; end $t$;
    create trigger peek after ${event} on accounts execute function peek();
    ${body('delete from public.accounts as a where a.login = wanted; return null;', 'volatile')}`
  const told = async (event: string): Promise<string> =>
    (await lintChanged(change(event))).map(({ message }) => message).join('\n')
  expect(await told('insert')).not.toMatch(/secret/)
  expect(await told('insert or delete')).toMatch(
    /public\.peek\(\) reads public\.accounts \(secret\)/,
  )
})

it('warns of a disclosure whose function is not there', async () => {
  const findings = await lintChanged('drop function account_of(text)')
  expect(findings.map(({ severity, key }) => `${severity} ${key}`)).toEqual([
    'warning disclosure-exceeded:public.account_of',
  ])
})

it('reads a body whose variables have types of the database', async () => {
  const into = (column: string): string => `create type mood as enum ('glad');
    create or replace function account_of(wanted text) returns text language plpgsql stable security definer
      set search_path = pg_catalog, pg_temp as $f$
      declare tenant text; /* of */ felt public.mood; other public.mood := 'glad'; begin
      select a.tenant_id, 'glad', ${column} into tenant, felt, other from public.accounts a where a.login = wanted;
      return tenant; end $f$;`
  expect(await lintChanged(into(`'glad'`))).toEqual([])
  expect((await lintChanged(into('a.secret'))).map(({ message }) => message)).toEqual([
    expect.stringMatching(/reads public\.accounts \(secret\)\.$/),
  ])
})

it('finds nothing wrong without a change, and nothing where nothing is declared', async () => {
  expect(await lintChanged('select 1')).toEqual([])
  const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
  const silent = { ...at.model, disclosures: null }
  expect(disclosureExceeded.check(lintInput(silent, catalog, new Date()))).toEqual([])
})
