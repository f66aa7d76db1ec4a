import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { cascade } from './index.js'

describeAttack(cascade, import.meta.url)

const pair = (action: string): string => `
  create table notes (id int primary key, tenant_id text not null);
  create table replies (id int primary key, tenant_id text not null, note_id int references notes ${action});
  insert into notes values (1, 'a'), (2, 'b');
  grant select, insert, update, delete on notes, replies to app_user;`

it.each([
  ['on delete set null', 'DELETE'],
  ['on update cascade', 'UPDATE'],
])('finds %s', async (action, command) => {
  const results = await attackSql(cascade, pair(action))
  expect(results.map(({ attack, outcome }) => [attack.command, outcome.kind])).toEqual([
    [command, 'leak'],
  ])
})

it('says nothing where the foreign key reaches nobody', async () => {
  expect(await attackSql(cascade, pair('on delete restrict'))).toEqual([])
})
