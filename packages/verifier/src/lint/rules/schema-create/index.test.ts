import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { schemaCreate } from './index.js'

describeRule(schemaCreate, import.meta.url, { severity: 'warning', fixable: true })

it('finds what PUBLIC may create, as before PostgreSQL 15', async () => {
  const text = `create table notes (tenant_id text not null); grant create on schema public to public`
  const [finding] = await lintSql(schemaCreate, text)
  expect(finding?.fix?.sql).toBe('revoke create on schema public from public;')
})
