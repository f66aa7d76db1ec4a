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
