import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { unclassifiedTable } from './index.js'

describeRule(unclassifiedTable, import.meta.url, { severity: 'warning', fixable: false })

it('says nothing about a child whose rows cannot exist without a tenant row', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    create table tags (note_id int not null references notes, tag text); grant select on tags to app_user`
  expect(await lintSql(unclassifiedTable, text)).toEqual([])
})

it('says nothing about a declared table', async () => {
  const text = 'create table plans (id int); grant select on plans to app_user'
  expect(await lintSql(unclassifiedTable, text, { 'public.plans': { scope: 'global' } })).toEqual(
    [],
  )
})

const told = async (text: string): Promise<readonly string[]> =>
  (await lintSql(unclassifiedTable, text)).map(({ severity, message }) => `${severity}: ${message}`)

it('finds a table that nobody holds a right on, but a view of its owner shows', async () => {
  const text = `create table contacts (id int primary key, phone text);
    create view directory as select phone from contacts; grant select on directory to app_user`
  const [found, ...more] = await told(text)
  expect(more).toEqual([])
  expect(found).toMatch(/^warning: public\.contacts .* reaches its rows through public\.directory/)
})

it('says nothing about a table that a view reads with the rights of whoever asks', async () => {
  const text = `create table contacts (id int primary key, phone text);
    create view directory with (security_invoker = true) as select phone from contacts;
    grant select on directory to app_user`
  expect(await told(text)).toEqual([])
})

it.each([
  ['a policy is never true', 'create policy nobody on drafts to app_user using (false)'],
  ['the policy is for another role', 'create policy support on drafts to app_support using (true)'],
  ['a command without a grant is open', 'create policy new on drafts for insert with check (true)'],
])('does not say that a role reaches all rows where %s', async (_when, policy) => {
  const text = `create table drafts (id int primary key, body text); grant select on drafts to app_user;
    alter table drafts enable row level security; ${policy}`
  expect(await told(text)).toEqual([expect.stringMatching(/^info: public\.drafts /)])
})

it('says that a role reaches all rows where a policy for it admits them in every context', async () => {
  const text = `create table drafts (id int primary key, body text); grant select on drafts to app_user;
    alter table drafts enable row level security;
    create policy published on drafts for select to app_user using (body is not null)`
  expect(await told(text)).toEqual([expect.stringMatching(/^warning: .* reaches all of its rows/)])
})

const accounts = `create schema people; grant usage on schema people to app_user;
  create table people.logins (id uuid primary key, mail text);`

it.each([
  ['a grant', 'grant select on people.logins to app_user', 'reaches all of its rows'],
  [
    'a view of its owner',
    'create view directory as select mail from people.logins; grant select on directory to app_user',
    'through public\\.directory',
  ],
  [
    'a materialised view',
    'create materialized view directory as select mail from people.logins; grant select on directory to app_user',
    'through public\\.directory',
  ],
])(
  'finds a table of another schema that the tables of the model point to, open by %s',
  async (_way, grant, says) => {
    const text = `${accounts} create table notes (id int primary key, tenant_id text not null,
      author uuid references people.logins); ${grant}`
    expect(await told(text)).toEqual([
      expect.stringMatching(new RegExp(`^warning: people\\.logins .*${says}`)),
    ])
  },
)

it('hints at an open table of another schema that nothing of the model has to do with', async () => {
  const text = `${accounts} grant select on people.logins to app_user`
  expect(await told(text)).toEqual([expect.stringMatching(/^info: people\.logins /)])
})

it.each([
  ['with Row Level Security and no policy', 'alter table people.logins enable row level security'],
  ['whose schema the role may not use', 'revoke usage on schema people from app_user'],
])('says nothing about a table of another schema %s', async (_how, change) => {
  const text = `${accounts} grant select on people.logins to app_user; ${change}`
  expect(await told(text)).toEqual([])
})

it('is an error where a schema that nobody declared has rows of tenants for all', async () => {
  const invoices = (more: string): string => `create schema billing;
    create table billing.invoices (id int, tenant_id text not null); ${more}
    grant usage on schema billing to app_user; grant select on billing.invoices to app_user`
  const [found, ...others] = await told(invoices(''))
  expect(others).toEqual([])
  expect(found).toMatch(/^error: billing\.invoices, with the column tenant_id, /)
  const policy = `alter table billing.invoices enable row level security;
    create policy mine on billing.invoices using (tenant_id = current_setting('app.tenant_id', true));`
  expect(await told(invoices(policy))).toEqual([])
})
