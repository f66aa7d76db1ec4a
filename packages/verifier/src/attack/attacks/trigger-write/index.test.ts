import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { triggerWrite } from './index.js'

describeAttack(triggerWrite, import.meta.url)

const notes = `create table notes (id int primary key, tenant_id text not null, body text);
  insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
  alter table notes enable row level security; alter table notes force row level security;
  create policy tenant on notes to app_user using (tenant_id = current_setting('app.tenant_id', true));
  create table done (note_id int, tenant_id text not null); alter table done enable row level security;
  create policy tenant on done to app_user using (tenant_id = current_setting('app.tenant_id', true));
  grant insert on done to app_user; grant select, update on notes to app_user;`

it('finds a rule that deletes by a number alone', async () => {
  const text = `${notes} create rule purge as on insert to done do also delete from notes where id = new.note_id`
  const results = await attackSql(triggerWrite, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})

it('lets a trigger that runs as its caller be', async () => {
  const text = `${notes} create function f() returns trigger language plpgsql as $$
      begin update public.notes set body = 'z' where id = new.note_id; return new; end $$;
    create trigger f after insert on done for each row execute function f()`
  const results = await attackSql(triggerWrite, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['held'])
})
