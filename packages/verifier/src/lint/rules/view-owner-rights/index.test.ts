import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { viewOwnerRights } from './index.js'

describeRule(viewOwnerRights, import.meta.url, { severity: 'error', fixable: true })

const table = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes owner to app_owner;
  alter table notes enable row level security; alter table notes force row level security;
  create policy mine on notes using (tenant_id = current_setting('app.tenant_id', true));`

it('says nothing when the owner of the view is bound by the policies', async () => {
  const text = `${table} create view v as select * from notes; alter view v owner to app_owner; grant select on v to app_user`
  expect(await lintSql(viewOwnerRights, text)).toEqual([])
})

it('says nothing about a view that no runtime role can use', async () => {
  expect(await lintSql(viewOwnerRights, `${table} create view v as select * from notes`)).toEqual(
    [],
  )
})

it('is a hint when the view filters by the context itself', async () => {
  const text = `${table} create view v as select * from notes where tenant_id = current_setting('app.tenant_id', true);
    grant select on v to app_user`
  expect((await lintSql(viewOwnerRights, text)).map(({ severity }) => severity)).toEqual(['info'])
})

it('has no fix where the role could not read the table by itself', async () => {
  const text = `${table} create view v as select * from notes; grant select on v to app_user`
  const [finding] = await lintSql(viewOwnerRights, text)
  expect(finding?.fix).toBeNull()
  expect(finding?.remedy).toContain('security_invoker')
})
