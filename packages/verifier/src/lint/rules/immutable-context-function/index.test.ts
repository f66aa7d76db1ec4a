import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { immutableContextFunction } from './index.js'

describeRule(immutableContextFunction, import.meta.url, { severity: 'error', fixable: true })

it('has no fix while an index keeps answers of the function', async () => {
  const text = `create function mine(text) returns boolean language sql immutable as 'select $1 = current_setting(''app.tenant_id'', true)';
    create table notes (tenant_id text not null); create index on notes (mine(tenant_id))`
  const [finding] = await lintSql(immutableContextFunction, text)
  expect(finding).toMatchObject({ fix: null })
})
