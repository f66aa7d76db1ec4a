import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { rowHop } from './index.js'

describeAttack(rowHop, import.meta.url)

it('finds a child that is moved to another tenant’s parent', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    insert into notes values (1, 'a'), (2, 'b');
    create table tags (id int primary key, note_id int not null references notes, tag text);
    insert into tags values (1, 1, 'x'), (2, 2, 'y');
    alter table notes enable row level security; alter table tags enable row level security;
    grant select on notes to app_user; grant select, update on tags to app_user;
    create policy p on notes using (tenant_id = current_setting('app.tenant_id', true));
    create policy p on tags using (exists (select from notes n where n.id = note_id)) with check (true)`
  const results = await attackSql(rowHop, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})
