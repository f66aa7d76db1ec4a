import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { foreignTable } from './index.js'

describeRule(foreignTable, import.meta.url, { severity: 'error', fixable: false })

it('says nothing about a foreign table that no runtime role can reach', async () => {
  const text = `create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;
    create foreign table notes (tenant_id text not null) server s`
  expect(await lintSql(foreignTable, text)).toEqual([])
})
