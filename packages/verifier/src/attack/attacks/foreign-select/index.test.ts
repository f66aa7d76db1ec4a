import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { foreignSelect } from './index.js'

describeAttack(foreignSelect, import.meta.url)

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes enable row level security; grant select on notes to app_user;`

it('is inconclusive where the role cannot see its own rows either', async () => {
  const text = `${table} insert into notes values (1, 'a'), (2, 'b'); create policy p on notes using (id < 0)`
  const results = await attackSql(foreignSelect, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['inconclusive'])
})

it('makes rows of two tenants where the table is empty', async () => {
  const results = await attackSql(foreignSelect, `${table} create policy p on notes using (true)`)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})

it('finds a child table whose tenant comes through its parent', async () => {
  const text = `${table} create policy p on notes using (tenant_id = current_setting('app.tenant_id', true));
    create table tags (id int primary key, note_id int not null references notes, tag text not null);
    alter table tags enable row level security; grant select on tags to app_user;
    create policy p on tags using (tag <> '')`
  const results = await attackSql(foreignSelect, text)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toContainEqual([
    'public.tags',
    'leak',
  ])
})

it('finds a view that runs as its owner', async () => {
  const text = `${table} create policy p on notes using (tenant_id = current_setting('app.tenant_id', true));
    create view v as select * from notes; grant select on v to app_user`
  const results = await attackSql(foreignSelect, text)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toContainEqual([
    'public.v',
    'leak',
  ])
})

it('takes a row of another tenant that names the user for an invitation', async () => {
  const text = `${table} create policy p on notes using (tenant_id = current_setting('app.tenant_id', true));
    create table members (user_id text, tenant_id text not null, primary key (user_id, tenant_id));
    insert into members values ('ua', 'a'), ('ub', 'b');
    alter table members enable row level security;
    create policy own on members using (user_id = current_setting('app.user_id', true));
    create table invitations (id int primary key, tenant_id text not null, invitee text not null);
    insert into invitations values (1, 'a', 'x'), (2, 'b', 'ua'), (3, 'b', 'y');
    alter table invitations enable row level security; grant select on members, invitations to app_user;
    create policy own on invitations using (tenant_id = current_setting('app.tenant_id', true));
    create policy mine on invitations using (invitee = current_setting('app.user_id', true))`
  const kindOf = async (more: string): Promise<string | undefined> =>
    (await attackSql(foreignSelect, text + more)).find(({ object }) =>
      object.endsWith('invitations'),
    )?.outcome.kind
  expect(await kindOf('')).toBe('held')
  expect(await kindOf('; create policy open on invitations using (id > 2)')).toBe('leak')
})
