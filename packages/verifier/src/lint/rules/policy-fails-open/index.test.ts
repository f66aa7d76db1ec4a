import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { policyFailsOpen } from './index.js'

describeRule(policyFailsOpen, import.meta.url, { severity: 'error', fixable: true })

const table = `create table notes (id int primary key, tenant_id text not null, other text);
  alter table notes enable row level security;
  grant select, insert, update, delete on notes to app_user;`
const context = `current_setting('app.tenant_id', true)`

it.each([
  ['a context that was never set', `${context} is null or tenant_id = ${context}`],
  ['the empty string', `coalesce(${context}, '') = '' or tenant_id = ${context}`],
  ['NULL that counts as not different', `(tenant_id <> ${context}) is not true`],
  ['a pattern made of the context', `tenant_id like ${context} || '%'`],
  ['a sub-select around the setting', `(select ${context}) is null or tenant_id = ${context}`],
  ['a case', `case when ${context} is null then true else tenant_id = ${context} end`],
])('finds that %s admits every row', async (_name, condition) => {
  const text = `${table} create policy p on notes to app_user using (${condition})`
  expect(await lintSql(policyFailsOpen, text)).toHaveLength(1)
})

it.each([
  ['an impossible default', `tenant_id = coalesce(${context}, 'nobody')`],
  ['rows without a tenant of their own', `other is not distinct from ${context}`],
  ['a default that is another column', `coalesce(${context}, other) = tenant_id`],
  ['a comparison under NOT', `not (tenant_id <> ${context})`],
  ['a setting that is no context', `current_setting('app.other', true) is null`],
  ['a strict cast', `tenant_id = nullif(${context}, '')::uuid::text`],
])('says nothing of %s', async (_name, condition) => {
  const text = `${table} create policy p on notes to app_user using (${condition})`
  expect(await lintSql(policyFailsOpen, text)).toEqual([])
})

it('says nothing where a restrictive policy denies without a context', async () => {
  const text = `${table} create policy p on notes to app_user using (${context} is null or tenant_id = ${context});
    create policy guard on notes as restrictive to app_user using (tenant_id = ${context})`
  expect(await lintSql(policyFailsOpen, text)).toEqual([])
})
