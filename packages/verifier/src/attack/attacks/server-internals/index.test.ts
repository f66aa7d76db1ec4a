import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { serverInternals } from './index.js'

describeAttack(serverInternals, import.meta.url)

const notes = `create table notes (id int primary key, tenant_id text not null, body text);
  insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
  alter table notes enable row level security; grant select on notes to app_user;
  create policy p on notes to app_user using (tenant_id = current_setting('app.tenant_id', true));`

it('finds functions that read the files of the server, and statistics of several columns', async () => {
  const text = `${notes} grant select on pg_catalog.pg_statistic_ext_data to app_user;
    grant execute on function pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint),
      pg_read_binary_file(text, bigint, bigint, boolean), pg_read_file(text, bigint, bigint) to app_user`
  const results = await attackSql(serverInternals, text)
  const open = results.filter(({ outcome }) => outcome.kind === 'leak')
  expect(open.map(({ object }) => object).toSorted()).toEqual([
    'pg_catalog.pg_read_binary_file(text)',
    'pg_catalog.pg_read_binary_file(text, bigint, bigint)',
    'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)',
    'pg_catalog.pg_read_file(text, bigint, bigint)',
    'pg_catalog.pg_statistic_ext_data',
  ])
})

const opened = async (text: string): Promise<string[]> => {
  const results = await attackSql(serverInternals, `${notes} ${text}`)
  const open = results.filter(({ outcome }) => outcome.kind === 'leak')
  return [...new Set(open.map(({ object }) => object))].toSorted()
}

it('tells the overload that was granted from those that were not', async () => {
  expect(
    await opened(
      'grant execute on function pg_read_file(text), lo_import(text, oid) to app_user; grant execute on function pg_ls_dir(text) to public',
    ),
  ).toEqual([
    'pg_catalog.lo_import(text, oid)',
    'pg_catalog.pg_ls_dir(text)',
    'pg_catalog.pg_read_file(text)',
  ])
})

const elsewhere = `create extension postgres_fdw; create extension dblink;
  create server elsewhere foreign data wrapper postgres_fdw options (host 'localhost');`

it('finds a server that the role may connect to as somebody else, and none without a mapping', async () => {
  const mapping = `create user mapping for public server elsewhere options (user 'o', password 'p');`
  const usage = 'grant usage on foreign server elsewhere to app_user;'
  expect(await opened(`${elsewhere} ${usage} ${mapping}`)).toEqual(['foreign servers'])
  expect(await opened(`${elsewhere} ${mapping}`)).toEqual([])
  expect(await opened(`${elsewhere} ${usage}`)).toEqual([])
})

it.each([
  ['grant select on pg_catalog.pg_authid to app_user', ['pg_catalog.pg_authid']],
  ['grant select on pg_catalog.pg_largeobject to public', ['pg_catalog.pg_largeobject']],
  ['grant set on parameter session_replication_role to app_user', ['settings of the server']],
  ['grant alter system on parameter log_statement to app_user', ['settings of the server']],
  ['grant set on parameter log_statement to app_user', []],
  ['alter role app_user set lo_compat_privileges = on', ['large objects']],
  ['alter role app_user set lo_compat_privileges = off', []],
])('asks for what only a superuser has: %s', async (text, expected) => {
  expect(await opened(text)).toEqual(expected)
})
