import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { rolePowers } from './index.js'

describeRule(rolePowers, import.meta.url, { severity: 'error', fixable: true })

it.each([
  ['SUPERUSER', 'alter role app_user superuser'],
  ['REPLICATION', 'alter role app_user replication'],
  ['pg_read_all_data', 'grant pg_read_all_data to app_user'],
  ['pg_write_all_data', 'grant app_support to app_user; grant pg_write_all_data to app_support'],
])('finds %s', async (power, text) => {
  const findings = await lintSql(rolePowers, text)
  expect(findings.map(({ evidence }) => evidence['power'])).toContain(power)
})

it('finds an owner, although Row Level Security is forced', async () => {
  const text = `create table notes (id int, tenant_id text not null); alter table notes owner to app_user;
    alter table notes enable row level security; alter table notes force row level security`
  const findings = await lintSql(rolePowers, text)
  expect(findings.map(({ evidence }) => evidence['power'])).toEqual(['owner'])
})
