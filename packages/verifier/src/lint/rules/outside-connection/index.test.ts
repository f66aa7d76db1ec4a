import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { outsideConnection } from './index.js'

describeRule(outsideConnection, import.meta.url, { severity: 'warning', fixable: true })

it('finds a function that reads tenant rows through a connection of its own', async () => {
  const text = `create extension dblink; revoke execute on all functions in schema public from public;
    create table notes (id int primary key, tenant_id text not null); alter table notes enable row level security;
    create function all_notes() returns setof int language sql security definer as
      $$ select id from dblink('dbname=' || current_database(), 'select id from public.notes') as n(id int) $$`
  const findings = await lintSql(outsideConnection, text)
  expect(
    findings.map(({ severity, object, evidence }) => [severity, object, evidence.objects]),
  ).toEqual([['error', 'public.all_notes()', ['public.all_notes()', 'public.notes']]])
})
