import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { tenantColumnNullable } from './index.js'

describeRule(tenantColumnNullable, import.meta.url, { severity: 'warning', fixable: true })

const notes = `create table notes (tenant_id text, body text); alter table notes enable row level security;`
const mine = `tenant_id = current_setting('app.tenant_id', true)`

it.each([
  [
    'a strict condition',
    `grant insert on notes to app_user; create policy p on notes using (${mine})`,
  ],
  [
    'rows for everybody that nobody may write',
    `grant select on notes to app_user; create policy p on notes using (tenant_id is null or ${mine})`,
  ],
])('is only a hint under %s', async (_name, text) => {
  const findings = await lintSql(tenantColumnNullable, notes + text)
  expect(findings.map(({ severity }) => severity)).toEqual(['info'])
})

it('warns where a condition cannot be followed', async () => {
  const text = `create function ok(text) returns boolean language sql as 'select true';
    ${notes} grant insert on notes to app_user; create policy p on notes with check (ok(tenant_id))`
  expect((await lintSql(tenantColumnNullable, text)).map(({ severity }) => severity)).toEqual([
    'warning',
  ])
})
