import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { noContextSelect } from './index.js'

describeAttack(noContextSelect, import.meta.url)

const table = `create table kits (id int primary key, tenant_id text, body text);
  insert into kits values (1, 'a'), (2, 'b'), (3, null);
  alter table kits enable row level security; grant select on kits to app_user;`

it('takes rows without a tenant for shared when they are visible with a context, too', async () => {
  const text = `${table} create policy p on kits using (tenant_id is null
    or tenant_id = current_setting('app.tenant_id', true))`
  const results = await attackSql(noContextSelect, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['held', 'held'])
})

it('finds rows without a tenant that only a missing context opens', async () => {
  const text = `${table} create policy p on kits using (tenant_id is not distinct from current_setting('app.tenant_id', true))`
  const results = await attackSql(noContextSelect, text)
  expect(results.map(({ outcome }) => outcome.kind)).toContain('leak')
})

it('finds tenants’ rows that a missing context opens beside the shared ones', async () => {
  const text = `${table} create policy p on kits using (tenant_id is null
    or current_setting('app.tenant_id', true) is null or tenant_id = current_setting('app.tenant_id', true))`
  const results = await attackSql(noContextSelect, text)
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak', 'held'])
})
