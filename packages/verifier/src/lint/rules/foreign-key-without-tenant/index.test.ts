import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { foreignKeyWithoutTenant } from './index.js'

describeRule(foreignKeyWithoutTenant, import.meta.url, {
  severity: 'warning',
  fixable: true,
  once: true,
})

it('keeps ON DELETE SET NULL away from the tenant column', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    create table replies (tenant_id text not null, note_id int references notes on delete set null)`
  const [finding] = await lintSql(foreignKeyWithoutTenant, text)
  expect(finding?.fix?.sql).toContain('on delete set null (note_id)')
})

it('says nothing about a foreign key to a global table or to the table of tenants', async () => {
  const text = `create table plans (code text primary key);
    create table accounts (tenant_id text primary key);
    create table notes (tenant_id text not null references accounts, plan text references plans)`
  expect(
    await lintSql(foreignKeyWithoutTenant, text, { 'public.plans': { scope: 'global' } }),
  ).toEqual([])
})
