import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { rlsNotForced } from './index.js'

describeRule(rlsNotForced, import.meta.url, {
  severity: 'error',
  fixable: true,
  unproven: 'a role that can become the owner can switch it off again; role-powers speaks of it',
})

it('is only a hint when no runtime role can become the owner', async () => {
  const text = `create table notes (id int, tenant_id text not null);
    alter table notes enable row level security`
  expect((await lintSql(rlsNotForced, text)).map(({ severity }) => severity)).toEqual(['info'])
})
