import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { policyOpen } from './index.js'

describeRule(policyOpen, import.meta.url, { severity: 'error', fixable: true })

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes enable row level security;
  grant select, insert, update, delete on notes to app_user, anon_user;`
const mine = `tenant_id = current_setting('app.tenant_id', true)`

it.each([
  ['a literal', 'create policy p on notes using (true)'],
  ['a comparison with itself', 'create policy p on notes using (id = id)'],
  ['WITH CHECK alone', `create policy p on notes using (${mine}) with check (true)`],
  [
    'a restrictive policy that is open as well',
    'create policy p on notes using (true); create policy r on notes as restrictive using (true)',
  ],
])('finds %s', async (_name, policy) => {
  const findings = await lintSql(policyOpen, table + policy)
  expect(findings.map(({ severity }) => severity)).toContain('error')
})

it.each([
  ['a policy that denies', 'create policy p on notes using (false)'],
  [
    'a helper function',
    `create function mine(text) returns boolean language sql stable
     as $$ select $1 = current_setting('app.tenant_id', true) $$;
     create policy p on notes using (mine(tenant_id))`,
  ],
  [
    'a restrictive guard over an open policy',
    `create policy p on notes using (true) with check (true);
     create policy guard on notes as restrictive using (${mine}) with check (${mine})`,
  ],
  ['a role that cannot reach the table', 'create policy p on notes to app_support using (true)'],
])('says nothing about %s', async (_name, policy) => {
  expect(await lintSql(policyOpen, table + policy)).toEqual([])
})

it('warns when the condition does not look at the row', async () => {
  const text = `${table} create policy p on notes to app_user using (current_setting('app.admin', true) = 'on')`
  expect((await lintSql(policyOpen, text)).map(({ severity }) => severity)).toContain('warning')
})

it('accepts an open SELECT policy on a table that is declared public', async () => {
  const text = `${table} create policy p on notes for select using (body is not null)`
  expect(
    await lintSql(policyOpen, text, { 'public.notes': { scope: 'tenant', public: {} } }),
  ).toEqual([])
})
