import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { securityDefinerFunction } from './index.js'

describeRule(securityDefinerFunction, import.meta.url, { severity: 'error', fixable: true })

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes enable row level security;`
const reads = `language sql security definer set search_path = '' as 'select count(*) from public.notes'`

it('says nothing about a function that no runtime role may call', async () => {
  const text = `${table} create function n() returns bigint ${reads}; revoke execute on function n() from public`
  expect(await lintSql(securityDefinerFunction, text)).toEqual([])
})

it('is a hint when the body looks at the context', async () => {
  const text = `${table} create function n() returns bigint language sql security definer set search_path = '' as
    'select count(*) from public.notes where tenant_id = current_setting(''app.tenant_id'', true)'`
  const findings = await lintSql(securityDefinerFunction, text)
  expect(findings.map(({ severity }) => severity)).toEqual(['info'])
})

it('only warns of an open search_path where the body names no table by itself', async () => {
  const text = `create function now_utc() returns timestamptz language sql security definer as 'select now()'`
  const findings = await lintSql(securityDefinerFunction, text)
  expect(findings.map(({ severity }) => severity)).toEqual(['warning'])
})
