import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { grantExcess } from './index.js'

describeRule(grantExcess, import.meta.url, { severity: 'error', fixable: true })

it('finds a privilege that comes through membership', async () => {
  const text = `create table notes (id int, tenant_id text not null); alter table notes enable row level security;
    grant truncate on notes to app_support; grant app_support to app_user`
  const findings = await lintSql(grantExcess, text)
  expect(findings.map(({ command }) => command)).toEqual(['TRUNCATE'])
})

it('says nothing about a global table', async () => {
  const text = 'create table plans (id int); grant truncate on plans to app_user'
  expect(await lintSql(grantExcess, text, { 'public.plans': { scope: 'global' } })).toEqual([])
})
