import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { unclassifiedTable } from './index.js'

describeRule(unclassifiedTable, import.meta.url, { severity: 'warning', fixable: false })

it('says nothing about a child whose rows cannot exist without a tenant row', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    create table tags (note_id int not null references notes, tag text); grant select on tags to app_user`
  expect(await lintSql(unclassifiedTable, text)).toEqual([])
})

it('says nothing about a declared table', async () => {
  const text = 'create table plans (id int); grant select on plans to app_user'
  expect(await lintSql(unclassifiedTable, text, { 'public.plans': { scope: 'global' } })).toEqual(
    [],
  )
})
