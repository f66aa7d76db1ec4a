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

it('finds a trigger that stores rows for the tenant that a plain column names', async () => {
  const text = (rights: string): string => `${notes}
    create table letters (id uuid primary key default gen_random_uuid(), tenant_id text not null, recipient text);
    alter table letters enable row level security;
    create policy tenant on letters to app_user using (tenant_id = current_setting('app.tenant_id', true));
    grant insert on letters, notes to app_user;
    create function deliver() returns trigger language plpgsql ${rights} as $$
      begin insert into public.notes values (random() * 1e9, new.recipient, 'sent'); return new; end $$;
    create trigger deliver after insert on letters for each row when (new.recipient is not null) execute function deliver()`
  const kinds = async (rights: string): Promise<readonly string[]> =>
    (await attackSql(triggerWrite, text(rights))).map(({ outcome }) => outcome.kind)
  expect(await kinds('security definer')).toEqual(['leak'])
  expect(await kinds('')).not.toContain('leak')
})

it.each(['update', 'delete'])('finds what a trigger that only %s fires does', async (event) => {
  const row = event === 'update' ? 'new' : 'old'
  const text = (condition: string): string => `${notes}
    grant select, update, delete on done to app_user;
    create function f() returns trigger language plpgsql security definer as $$
      begin delete from public.notes where id = ${row}.note_id ${condition}; return ${row}; end $$;
    create trigger f after ${event} on done for each row execute function f()`
  const kinds = async (condition: string): Promise<readonly string[]> =>
    (await attackSql(triggerWrite, text(condition))).map(({ outcome }) => outcome.kind)
  expect(await kinds('')).toEqual(['leak'])
  expect(await kinds(`and tenant_id = ${row}.tenant_id`)).toEqual(['held'])
})

/** A trigger on a table of links that changes the note which a column of the row names. */
const naming = (rest: { type: string; timing?: string; body: string }): string => `${notes}
  create table links (id int primary key, tenant_id text not null, target ${rest.type});
  alter table links enable row level security;
  create policy tenant on links to app_user using (tenant_id = current_setting('app.tenant_id', true));
  grant insert, select on links to app_user;
  create function f() returns trigger language plpgsql security definer as $$
    begin ${rest.body} return new; end $$;
  create ${rest.timing ?? 'trigger f after insert on links'} for each row execute function f()`

it.each([
  [
    'casts a text',
    { type: 'text', body: 'delete from public.notes where id::text = new.target;' },
    {
      type: 'text',
      body: 'delete from public.notes n where n.id::text = new.target and n.tenant_id = new.tenant_id;',
    },
  ],
  [
    'waits for COMMIT',
    {
      type: 'int',
      timing: 'constraint trigger f after insert on links deferrable initially deferred',
      body: 'delete from public.notes where id = new.target;',
    },
    {
      type: 'int',
      timing: 'constraint trigger f after insert on links deferrable initially deferred',
      body: 'delete from public.notes n where n.id = new.target and n.tenant_id = new.tenant_id;',
    },
  ],
])('finds what a trigger does that %s', async (_, bad, good) => {
  const kinds = async (trigger: typeof bad): Promise<readonly string[]> =>
    (await attackSql(triggerWrite, naming(trigger))).map(({ outcome }) => outcome.kind)
  expect(await kinds(bad)).toEqual(['leak'])
  expect(await kinds(good)).toEqual(['held'])
})

it('finds a trigger that moves its row by SQL that it puts together', async () => {
  const text = (column: string): string => `${notes} grant insert on notes to app_user;
    create function f() returns trigger language plpgsql security definer as $$
      begin execute format('update public.%I set ${column} = %L where id = %L', tg_table_name, new.body, new.id);
        return new; end $$;
    create trigger f after insert on notes for each row execute function f()`
  const kinds = async (column: string): Promise<readonly string[]> =>
    (await attackSql(triggerWrite, text(column))).map(({ outcome }) => outcome.kind)
  expect(await kinds('tenant_id')).toEqual(['leak'])
  expect(await kinds('body')).not.toContain('leak')
})
