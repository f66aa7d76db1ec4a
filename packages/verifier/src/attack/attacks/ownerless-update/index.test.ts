import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { ownerlessUpdate } from './index.js'

describeAttack(ownerlessUpdate, import.meta.url)

it('has nothing to try where every row has a tenant', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null, body text);
    alter table notes enable row level security; grant select, update on notes to app_user;
    create policy p on notes using (tenant_id is null or tenant_id = current_setting('app.tenant_id', true))`
  expect(await attackSql(ownerlessUpdate, text)).toEqual([])
})
