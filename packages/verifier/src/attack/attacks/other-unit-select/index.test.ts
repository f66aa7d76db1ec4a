import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { readCases } from '../../../../test/readme-cases.js'
import { otherUnitSelect } from './index.js'

describeAttack(otherUnitSelect, import.meta.url)

it.each([
  ['the user’s own rows', `or writer = current_setting('app.user_id', true)`],
  ['rows of the whole tenant', `or org_unit_id is null`],
])('takes %s for nobody else’s unit’s', async (_what, more) => {
  const text = `create table members (user_id text, tenant_id text not null, primary key (user_id, tenant_id));
    insert into members values ('ua', 'a'), ('ub', 'b');
    alter table members enable row level security;
    create policy own on members using (user_id = current_setting('app.user_id', true)); grant select on members to app_user;
    create table notes (id int primary key, tenant_id text not null, org_unit_id text, writer text);
    insert into notes values (1, 'a', 'north', 'ux'), (2, 'a', 'south', 'ua'), (3, 'a', null, 'ux'), (4, 'b', 'east', 'ub');
    alter table notes enable row level security; grant select on notes to app_user;
    create policy p on notes using (tenant_id = current_setting('app.tenant_id', true)
      and (org_unit_id = any (string_to_array(current_setting('app.units', true), ',')) ${more}))`
  const results = await attackSql(otherUnitSelect, text, {}, readCases(import.meta.url).model)
  expect(results.map(({ object, outcome }) => [object, outcome.kind])).toEqual([
    ['public.notes', 'held'],
  ])
})

it('finds a scope without units that opens the tenant', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null, org_unit_id text not null);
    insert into notes values (1, 'a', 'north'), (2, 'b', 'east');
    alter table notes enable row level security; grant select on notes to app_user;
    create policy p on notes using (tenant_id = current_setting('app.tenant_id', true)
      and (current_setting('app.units', true) = '' or org_unit_id = current_setting('app.units', true)))`
  const results = await attackSql(otherUnitSelect, text, {}, readCases(import.meta.url).model)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})
