import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { userControlledClaim } from './index.js'

describeRule(userControlledClaim, import.meta.url, { severity: 'error', fixable: false })

const notes = `create table notes (id int, tenant_id text not null, tags jsonb); alter table notes enable row level security;
  grant select on notes to app_user;`

it.each([
  `create policy p on notes using (tenant_id = current_setting('request.jwt.claims', true)::jsonb #>> '{user_metadata,org}')`,
  `create function org() returns text language sql stable as
    $$ select current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'org' $$;
   create policy p on notes using (tenant_id = org())`,
])('finds the claim behind a path or a function: %s', async (policy) => {
  expect(await lintSql(userControlledClaim, notes + policy)).toHaveLength(1)
})

it('says nothing of a restrictive policy, which can only take away', async () => {
  const text = `${notes} create policy p on notes using (tenant_id = current_setting('app.tenant_id', true));
    create policy r on notes as restrictive using (current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'beta' = 'on')`
  expect(await lintSql(userControlledClaim, text)).toEqual([])
})

it('says nothing of a claim beside a condition that says whose the row is', async () => {
  const text = `${notes} create policy p on notes using (tenant_id = current_setting('app.tenant_id', true)
    and current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'beta' = 'on')`
  expect(await lintSql(userControlledClaim, text)).toEqual([])
})

it('finds a claim that stands in for the tenant', async () => {
  const text = `${notes} create policy p on notes using (tenant_id = coalesce(
    current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'org', current_setting('app.tenant_id', true)))`
  expect(await lintSql(userControlledClaim, text)).toHaveLength(1)
})

const settings = `create table settings (id int, owner uuid, value text); alter table settings enable row level security;
  grant select on settings to app_user;`
const claim = `current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'rank' = 'admin'`

it('finds the claim where nothing says whose the rows are', async () => {
  const text = `${settings} create policy p on settings using (${claim})`
  expect(await lintSql(userControlledClaim, text)).toHaveLength(1)
})

it('says nothing of a claim beside a column that is held against the context', async () => {
  const text = `${settings} create policy p on settings
    using (owner = nullif(current_setting('app.user_id', true), '')::uuid and ${claim})`
  expect(await lintSql(userControlledClaim, text)).toEqual([])
})

it('finds a claim beside a column that says nothing of whoever asks', async () => {
  const text = `${settings} create policy p on settings using (value is not null and ${claim})`
  expect(await lintSql(userControlledClaim, text)).toHaveLength(1)
})

it('says nothing of a table that is declared to be everybody’s', async () => {
  const text = `${settings} create policy p on settings using (${claim})`
  const tables = { 'public.settings': { scope: 'global' } } as const
  expect(await lintSql(userControlledClaim, text, tables)).toEqual([])
})
