import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { policyFunctionOwned } from './index.js'

describeRule(policyFunctionOwned, import.meta.url, { severity: 'error', fixable: false })

it('finds an owner that the role can become', async () => {
  const text = `create function mine(text) returns boolean language sql stable as 'select $1 = current_setting(''app.tenant_id'', true)';
    alter function mine(text) owner to app_owner; grant app_owner to app_user;
    create table notes (tenant_id text not null); alter table notes enable row level security;
    create policy p on notes using (mine(tenant_id))`
  const findings = await lintSql(policyFunctionOwned, text)
  expect(findings.map(({ evidence }) => evidence.objects)).toEqual([
    ['public.mine(text)', 'public.notes'],
  ])
})
