import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { selfGrant } from './index.js'

describeAttack(selfGrant, import.meta.url)

const me = `current_setting('app.user_id', true)`
const tables = `create type rank as enum ('guest', 'member', 'root');
  create table people (id text primary key, tenant_id text not null, nick text, is_root boolean not null default false, rank rank not null default 'member');
  insert into people values ('ann', 'a'), ('bob', 'b');
  alter table people enable row level security; grant select on people to app_user;
  create policy self on people using (id = ${me});
  create table notes (id int primary key, tenant_id text not null);
  insert into notes values (1, 'a'), (2, 'b');
  alter table notes enable row level security; grant select on notes to app_user;`
const home = `tenant_id = (select p.tenant_id from people p where p.id = ${me})`

const outcomes = async (text: string): Promise<readonly (readonly unknown[])[]> =>
  (await attackSql(selfGrant, tables + text)).map(({ object, outcome }) => [object, outcome.kind])

it.each([
  [
    'a flag',
    'grant update on people to app_user',
    `${home} or (select p.is_root from people p where p.id = ${me})`,
  ],
  [
    'a label',
    'grant update (rank) on people to app_user',
    `${home} or (select p.rank = 'root' from people p where p.id = ${me})`,
  ],
  ['its own tenant', 'grant update on people to app_user', home],
])('finds a user who may set %s of its own row', async (_name, grant, condition) => {
  const text = `${grant}; create policy p on notes using (${condition})`
  expect(await outcomes(text)).toContainEqual(['public.notes', 'leak'])
})

it('finds it through a function that runs as its owner', async () => {
  const text = `grant update on people to app_user;
    create function home() returns text language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$ select p.tenant_id from public.people p where p.id = ${me} $$;
    create policy p on notes using (tenant_id = home())`
  expect(await outcomes(text)).toContainEqual(['public.notes', 'leak'])
})

it.each([
  ['a column that decides nothing', 'grant update (nick) on people to app_user', home],
  [
    'a change that a policy binds to the tenant',
    `grant update on people to app_user;
     create policy bound on people as restrictive for update using (true)
       with check (tenant_id = current_setting('app.tenant_id', true) and not is_root)`,
    home,
  ],
])('is refused where the user may only change %s', async (_name, grant, condition) => {
  const found = await outcomes(`${grant}; create policy p on notes using (${condition})`)
  expect(found.filter(([object]) => object === 'public.notes')).toEqual([['public.notes', 'held']])
})

it('names the table that was changed', async () => {
  const text = `grant update on people to app_user; create policy p on notes using (${home})`
  const results = await attackSql(selfGrant, tables + text)
  const leaks = results.flatMap(({ outcome }) => (outcome.kind === 'leak' ? [outcome.related] : []))
  expect(leaks).toContainEqual(['public.people'])
})
