import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { rlsDisabled } from './index.js'

describeRule(rlsDisabled, import.meta.url, { severity: 'error', fixable: true })

it('says nothing about a table that no runtime role can reach', async () => {
  expect(
    await lintSql(rlsDisabled, 'create table notes (id int, tenant_id text not null)'),
  ).toEqual([])
})

it('says nothing about a table that the model declares global', async () => {
  const text = 'create table plans (id int, tenant_id text); grant select on plans to app_user'
  expect(await lintSql(rlsDisabled, text, { 'public.plans': { scope: 'global' } })).toEqual([])
})

it('enables the policies that a table already has instead of adding one', async () => {
  const text = `create table notes (id int, tenant_id text not null);
    create policy mine on notes using (tenant_id = current_setting('app.tenant_id', true));
    grant select on notes to app_user`
  const [finding] = await lintSql(rlsDisabled, text)
  expect(finding?.fix?.sql).not.toContain('create policy')
})

it('says in words what to do where a policy would ask its own table, or one that the role cannot read', async () => {
  const members = `create table members (user_id text, tenant_id text); grant select on members to app_user`
  const model = {
    context: {
      kind: 'membership',
      user: { guc: 'app.user_id' },
      via: { table: 'public.members', user: 'user_id', tenant: 'tenant_id' },
    },
  } as const
  const [own] = await lintSql(rlsDisabled, members, {}, model)
  expect(own).toMatchObject({ object: 'public.members', fix: null })
  const child = `create table notes (id int primary key, tenant_id text not null);
    create table tags (note_id int not null references notes, tag text); grant select on tags to app_user`
  const [blind] = await lintSql(rlsDisabled, child)
  expect(blind).toMatchObject({ object: 'public.tags', fix: null })
  expect(blind?.remedy).not.toBeNull()
})
