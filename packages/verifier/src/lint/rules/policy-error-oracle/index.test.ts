import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { policyErrorOracle } from './index.js'

describeRule(policyErrorOracle, import.meta.url, { severity: 'warning', fixable: false })

const mine = `tenant_id = current_setting('app.tenant_id', true)`
const notes = (condition: string): string =>
  `create function spell(body text) returns boolean language plpgsql stable cost 0.0001 as
     $$ begin if body = 'secret' then raise exception 'no'; end if; return true; end $$;
   create function quiet(body text) returns boolean language plpgsql stable as
     $$ begin raise debug 'seen %', body; return body <> ''; end $$;
   create table notes (id int primary key, tenant_id text not null, body text);
   alter table notes enable row level security; grant select on notes to app_user;
   create policy p on notes to app_user using (${condition})`

it.each([
  ['a function that raises over values of the row', `spell(body) and ${mine}`],
  ['a cast beside CASE', `case when ${mine} then true else false end and body::int > 0`],
  ['a cast where CASE took the other branch', `case when ${mine} then true else body::int > 0 end`],
])('finds %s', async (_name, condition) => {
  expect(await lintSql(policyErrorOracle, notes(condition))).toHaveLength(1)
})

it.each([
  ['a function that writes to the log alone', `quiet(body) and ${mine}`],
  ['a function that raises over the context', `spell(current_setting('app.x', true)) and ${mine}`],
  ['a cast that CASE keeps to own rows', `case when ${mine} then body::int > 0 else false end`],
])('says nothing about %s', async (_name, condition) => {
  expect(await lintSql(policyErrorOracle, notes(condition))).toEqual([])
})
