import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { viewWrite } from './index.js'

describeAttack(viewWrite, import.meta.url)

it('finds an INSTEAD OF trigger that writes as its owner under a view that reads as the caller', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null, body text);
    insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
    alter table notes enable row level security; alter table notes force row level security;
    create policy tenant on notes to app_user using (tenant_id = current_setting('app.tenant_id', true));
    grant select on notes to app_user;
    create view editor with (security_invoker = true) as select * from notes;
    create function save() returns trigger language plpgsql security definer as $$
      begin insert into public.notes values (new.id, new.tenant_id, new.body); return new; end $$;
    create trigger save instead of insert on editor for each row execute function save();
    grant select, insert on editor to app_user`
  const results = await attackSql(viewWrite, text)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toEqual([
    ['public.editor', 'leak'],
  ])
})
