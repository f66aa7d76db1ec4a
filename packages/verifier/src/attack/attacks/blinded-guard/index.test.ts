import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { blindedGuard } from './index.js'

describeAttack(blindedGuard, import.meta.url)

const mine = `tenant_id = current_setting('app.tenant_id', true)`
const me = `current_setting('app.user_id', true)`
const tables = `create table notes (id int primary key, tenant_id text not null);
  insert into notes values (1, 'a'), (2, 'b');
  create table banned (tenant_id text not null, person text not null);
  alter table notes enable row level security; alter table banned enable row level security;
  grant select on notes, banned to app_user;
  create policy own on banned using (${mine}); create policy own on notes using (${mine});`

const onNotes = async (text: string): Promise<readonly string[]> =>
  (await attackSql(blindedGuard, tables + text))
    .filter(({ object }) => object === 'public.notes')
    .map(({ outcome }) => outcome.kind)

it('finds a guard written with NOT IN', async () => {
  const guard = `create policy guard on notes as restrictive using (${me} not in (select b.person from banned b where b.person = ${me}))`
  expect(await onNotes(guard)).toEqual(['leak'])
})

it('is refused by a guard that asks a function which sees every row', async () => {
  const guard = `create function is_banned() returns boolean language sql stable security definer
      set search_path = pg_catalog, pg_temp as $$ select exists (select from public.banned b where b.person = ${me}) $$;
    create policy guard on notes as restrictive using (not is_banned())`
  expect(await onNotes(guard)).not.toContain('leak')
})
