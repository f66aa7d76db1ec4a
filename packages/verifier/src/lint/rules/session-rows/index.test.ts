import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { sessionRows } from './index.js'

describeRule(sessionRows, import.meta.url, { severity: 'warning', fixable: false })

const notes = (body: string): string =>
  `create table notes (id int primary key, tenant_id text not null, body text);
   alter table notes enable row level security; grant select on notes to app_user;
   create function kept() returns void language plpgsql as $$ begin ${body} end $$`

it.each([
  ['a cursor WITH HOLD', `execute 'declare kept cursor with hold for select body from notes';`],
  [
    'a setting that holds rows',
    `perform set_config('app.cache', (select string_agg(body, ',') from notes), false);`,
  ],
  [
    'a temporary table made by a string',
    `execute 'create local temporary table kept as select * from notes';`,
  ],
])('finds %s', async (_name, body) => {
  expect(await lintSql(sessionRows, notes(body))).toHaveLength(1)
})

it.each([
  ['a cursor of the transaction', `execute 'declare kept cursor for select body from notes';`],
  [
    'a setting of the transaction',
    `perform set_config('app.cache', (select string_agg(body, ',') from notes), true);`,
  ],
  [
    'a table that is emptied on commit',
    `create temp table kept (body text) on commit delete rows; insert into kept select body from notes;`,
  ],
  [
    'a table that the body drops',
    `create temp table kept as select body from notes; perform 1; drop table kept;`,
  ],
  ['a temporary table without rows of tenants', `create temp table kept as select 1 as one;`],
])('says nothing about %s', async (_name, body) => {
  expect(await lintSql(sessionRows, notes(body))).toEqual([])
})
