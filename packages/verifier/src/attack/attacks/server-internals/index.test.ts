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
