import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { policyWidened } from './index.js'

describeRule(policyWidened, import.meta.url, { severity: 'warning', fixable: false })

const notes = `create table notes (tenant_id text not null, unit text not null); alter table notes enable row level security;
  grant select on notes to app_user, app_support;`
const tenant = `tenant_id = current_setting('app.tenant_id', true)`
const unit = `unit = current_setting('app.unit', true)`

it.each([
  ['one policy with both', `create policy p on notes to app_user using (${tenant} and ${unit})`],
  [
    'a tenant policy for those who hold a capability',
    `create policy all_units on notes to app_user using (${tenant} and current_setting('app.capability', true) = 'all');
     create policy unit on notes to app_user using (${tenant} and ${unit})`,
  ],
  [
    'a tenant policy for another role',
    `create policy tenant on notes to app_support using (${tenant}); create policy unit on notes to app_user using (${unit})`,
  ],
])('says nothing of %s', async (_name, policies) => {
  const model = { orgUnits: { column: 'unit', type: 'text', table: 'public.units' } } as const
  expect(await lintSql(policyWidened, notes + policies, {}, model)).toEqual([])
})
