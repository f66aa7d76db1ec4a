import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowSelect } from './index.js'

describeAttack(craftedRowSelect, import.meta.url)

const table = `create type state as enum ('draft', 'shown');
  create table notes (id int primary key, tenant_id text not null, open boolean not null default false,
    state state not null default 'draft', facts jsonb not null default '{}', tags text[] not null default '{}',
    shown_at timestamptz, author text not null default 'nobody', price numeric not null default 1 check (price < 5));
  insert into notes (id, tenant_id) values (1, 'a'), (2, 'b');
  alter table notes enable row level security; grant select on notes to app_user;`
const mine = `tenant_id = current_setting('app.tenant_id', true)`

it.each([
  ['a flag', 'open'],
  ['a negated flag', 'not (not open)'],
  ['a label', `state = 'shown'`],
  ['one of several labels', `state in ('shown')`],
  ['a key of a document', `(facts ->> 'open')::boolean`],
  ['a member of an array', `'all' = any (tags)`],
  ['arrays that overlap', `tags && array['all']`],
  ['a time in the past', 'shown_at < now()'],
  ['a pattern', `author like 'public:%'`],
  ['conditions that hold together', `state = 'shown' and shown_at is not null and open`],
  ['a function of the value', `lower(author) = 'everybody'`],
])('finds %s that opens a row to all', async (_name, condition) => {
  const text = `${table} create policy p on notes using (${mine} or (${condition}))`
  const results = await attackSql(craftedRowSelect, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})

it.each([
  ['a value that a constraint forbids', `${mine} or price = 9`],
  ['a condition under the tenant', `${mine} and (open or state = 'draft')`],
  ['rows of the user', `${mine} or author = current_setting('app.user_id', true)`],
])('is refused by %s', async (_name, condition) => {
  const results = await attackSql(
    craftedRowSelect,
    `${table} create policy p on notes using (${condition})`,
  )
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['held'])
})

it('takes rows for public that the model declares public', async () => {
  const text = `${table} create policy p on notes using (${mine} or open)`
  const results = await attackSql(craftedRowSelect, text, {
    'public.notes': { scope: 'tenant', public: { where: 'open' } },
  })
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['held'])
})
