import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { materializedView } from './index.js'

describeRule(materializedView, import.meta.url, { severity: 'error', fixable: false })

it('counts what is stored for an owner whom policies bind: others read what one context saw', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    alter table notes owner to app_owner; alter table notes enable row level security;
    alter table notes force row level security;
    create policy mine on notes using (tenant_id = current_setting('app.tenant_id', true));
    create materialized view all_notes as select * from notes; alter materialized view all_notes owner to app_owner;
    grant select on all_notes to app_user`
  const findings = await lintSql(materializedView, text)
  expect(findings.map(({ severity, object }) => [severity, object])).toEqual([
    ['error', 'public.all_notes'],
  ])
})
