import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { rlsDisabled } from './index.js'

describeRule(rlsDisabled, import.meta.url, { severity: 'error', fixable: true })

it('says nothing about a table that no runtime role can reach', async () => {
  expect(
    await lintSql(rlsDisabled, 'create table notes (id int, tenant_id text not null)'),
  ).toEqual([])
})

it('says nothing about a table that the model declares global', async () => {
  const text = 'create table plans (id int, tenant_id text); grant select on plans to app_user'
  expect(await lintSql(rlsDisabled, text, { 'public.plans': { scope: 'global' } })).toEqual([])
})

it('enables the policies that a table already has instead of adding one', async () => {
  const text = `create table notes (id int, tenant_id text not null);
    create policy mine on notes using (tenant_id = current_setting('app.tenant_id', true));
    grant select on notes to app_user`
  const [finding] = await lintSql(rlsDisabled, text)
  expect(finding?.fix?.sql).not.toContain('create policy')
})
