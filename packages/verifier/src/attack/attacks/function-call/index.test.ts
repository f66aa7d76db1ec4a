import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { functionCall } from './index.js'

describeAttack(functionCall, import.meta.url)

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  insert into notes values (1, 'a', 'first of a'), (2, 'b', 'first of b');
  alter table notes enable row level security; grant select on notes to app_user;`
const outcomes = async (text: string): Promise<readonly string[]> => [
  ...new Set((await attackSql(functionCall, table + text)).map(({ outcome }) => outcome.kind)),
]

it.each([
  [
    'a write by id',
    `create function done(p_note int) returns boolean language plpgsql security definer as $$
       begin update public.notes set body = 'done' where id = p_note; return found; end $$`,
  ],
  [
    'a count over all tenants',
    `create function total() returns bigint language sql security definer as 'select count(*) from public.notes'`,
  ],
  [
    'a tenant that the caller names, behind a check that somebody is signed in',
    `create function notes_of(p_tenant text) returns setof notes language plpgsql security definer as $$
       begin
         if current_setting('app.tenant_id', true) is null then raise exception 'nobody'; end if;
         return query select * from public.notes where tenant_id = p_tenant;
       end $$`,
  ],
  [
    'SQL that the body puts together',
    `create function by_id(p_id int) returns setof notes language plpgsql security definer as $$
       begin return query execute 'select * from public.' || 'notes where id = $1' using p_id; end $$`,
  ],
  [
    'a procedure',
    `create procedure drop_note(p_id int) language plpgsql security definer as $$
       begin delete from public.notes where id = p_id; end $$`,
  ],
  [
    'a write up to an instant that the caller names',
    `create procedure shut(p_before timestamptz) language plpgsql security definer as $$
       begin update public.notes set body = 'shut' where now() < p_before; end $$`,
  ],
])('finds %s', async (_what, text) => {
  expect(await outcomes(text)).toEqual(['leak'])
})

it.each([
  [
    'a tenant that is compared with the context first',
    `create function notes_of(p_tenant text) returns setof notes language plpgsql security definer as $$
       begin
         if p_tenant is distinct from current_setting('app.tenant_id', true) then return; end if;
         return query select * from public.notes where tenant_id = p_tenant;
       end $$`,
  ],
  [
    'an answer that differs from call to call by itself',
    `create function dice() returns float language sql security definer as
       'select random() from (select from public.notes where false) n right join (select 1) one on true'`,
  ],
])('lets %s be', async (_what, text) => {
  expect(await outcomes(text)).toEqual(['held'])
})

it('does not call what reaches outside the transaction', async () => {
  const text = `create sequence counter; create function next() returns bigint language sql security definer as
    $$ select nextval('public.counter') + count(*) from public.notes $$`
  expect(await outcomes(text)).toEqual([])
})

it('does not call what the role may not execute', async () => {
  const text = `create function total() returns bigint language sql security definer as 'select count(*) from public.notes';
    revoke execute on function total() from public`
  expect(await outcomes(text)).toEqual([])
})
