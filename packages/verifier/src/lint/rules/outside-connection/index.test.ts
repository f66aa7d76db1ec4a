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

it('takes a connection without a password of the caller’s own for a fault, once it was granted', async () => {
  const text =
    'create extension dblink; revoke execute on all functions in schema public from public;'
  const granted = 'grant execute on function dblink_connect_u(text) to app_user;'
  const severities = async (sql: string): Promise<string[]> =>
    (await lintSql(outsideConnection, sql)).map(({ severity }) => severity)
  expect(await severities(text)).toEqual([])
  expect(await severities(`${text} ${granted}`)).toEqual(['error'])
})
