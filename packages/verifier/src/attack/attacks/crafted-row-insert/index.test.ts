import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowInsert } from './index.js'

describeAttack(craftedRowInsert, import.meta.url)

it('finds a user who may write a row of its own into any tenant', async () => {
  const text = `create table hours (id int primary key, tenant_id text not null, person text not null);
    insert into hours values (1, 'a', 'ann'), (2, 'b', 'bob');
    alter table hours enable row level security; grant select, insert on hours to app_user;
    create policy p on hours using (person = current_setting('app.user_id', true))`
  const results = await attackSql(craftedRowInsert, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})
