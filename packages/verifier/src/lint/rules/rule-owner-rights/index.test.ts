import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { ruleOwnerRights } from './index.js'

describeRule(ruleOwnerRights, import.meta.url, { severity: 'error', fixable: false })

const notes = `create table notes (id int primary key, tenant_id text not null, body text);
  alter table notes enable row level security; alter table notes force row level security;
  create table done (note_id int, tenant_id text); alter table done enable row level security;
  create policy tenant on done to app_user using (tenant_id = current_setting('app.tenant_id', true));
  grant insert on done to app_user;`

it('finds a rule that deletes by a number alone', async () => {
  const text = `${notes} create rule purge as on insert to done do also delete from notes where id = new.note_id`
  const findings = await lintSql(ruleOwnerRights, text)
  expect(findings.map(({ evidence }) => evidence.objects)).toEqual([
    ['public.done', 'public.notes', 'public.purge'],
  ])
})

it.each([
  `create rule purge as on insert to done do also delete from notes where id = new.note_id and tenant_id = new.tenant_id`,
  `create rule purge as on insert to done do also delete from notes where tenant_id = current_setting('app.tenant_id', true)`,
  `alter table done owner to app_owner; create rule purge as on insert to done do also delete from notes where id = new.note_id`,
  `revoke insert on done from app_user; create rule purge as on insert to done do also delete from notes`,
])('says nothing of %s', async (rule) => {
  expect(await lintSql(ruleOwnerRights, notes + rule)).toEqual([])
})
