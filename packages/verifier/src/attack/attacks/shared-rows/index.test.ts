import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { sharedRows } from './index.js'

describeAttack(sharedRows, import.meta.url)

const settings = `create table notes (id int primary key, tenant_id text not null);
  insert into notes values (1, 'a'), (2, 'b');
  create table events (id int primary key, payload jsonb); grant select on events to app_user;`

it('finds a short key under the name of the tenant column', async () => {
  const text = `${settings} insert into events values (1, '{"tenant_id": "a"}'), (2, '{"tenant_id": "b", "n": 1}')`
  const results = await attackSql(sharedRows, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})

it('takes no short value elsewhere for a key', async () => {
  const text = `${settings} insert into events values (1, '{"grade": "a"}'), (2, '{"grade": "b"}')`
  const results = await attackSql(sharedRows, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['inconclusive'])
})

it('finds a copy that has the ids of rows but no tenant', async () => {
  const text = `create table docs (id uuid primary key default gen_random_uuid(), tenant_id text not null);
    insert into docs (tenant_id) values ('a'), ('b');
    create table found_docs as select id, 'x' as title from docs; grant select on found_docs to app_user`
  const results = await attackSql(sharedRows, text)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toEqual([
    ['public.found_docs', 'leak'],
  ])
})

it('takes the ids of users whom tenants share for nobody’s', async () => {
  const text = `create table people (id uuid primary key default gen_random_uuid());
    insert into people values (default), (default); grant select on people to app_user;
    create table staff (person uuid primary key references people, tenant_id text not null);
    insert into staff select id, case when row_number() over () = 1 then 'a' else 'b' end from people`
  const results = await attackSql(sharedRows, text)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toEqual([
    ['public.people', 'inconclusive'],
  ])
})

const towns = `create table notes (id int primary key, tenant_id text not null);
  insert into notes values (1, 'north'), (2, 'south');
  create table jobs (job text, scope text, state text); grant select on jobs to app_user;`

it.each([
  ['the key alone', `('sync', 'north', 'x'), ('sync', 'south', 'y')`, 'leak'],
  ['the key behind a prefix', `('sync:north', '-', 'x'), ('sync:south', '-', 'y')`, 'leak'],
  [
    'words that are a key by chance',
    `('sync', '-', 'gone south'), ('mail', '-', 'x')`,
    'inconclusive',
  ],
  ['words that hold a key', `('sync', 'northern', 'x'), ('sync', 'southern', 'y')`, 'inconclusive'],
])('judges a short key by its column: %s', async (_what, rows, outcome) => {
  const results = await attackSql(sharedRows, `${towns} insert into jobs values ${rows}`)
  expect(results.map((result) => result.outcome.kind)).toEqual([outcome])
})
