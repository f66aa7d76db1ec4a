import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { membershipWritable } from './index.js'

describeRule(membershipWritable, import.meta.url, { severity: 'error', fixable: false })

const model = {
  context: {
    kind: 'membership',
    user: { guc: 'app.user_id' },
    via: { table: 'public.members', user: 'user_id', tenant: 'tenant_id' },
  },
} as const
const members = `create table members (user_id text, tenant_id text); alter table members enable row level security;
  grant insert, update on members to app_user;`
const self = `user_id = current_setting('app.user_id', true)`

it('says nothing where the condition looks at the tenant', async () => {
  const text = `${members} create policy p on members to app_user using (${self})
    with check (${self} and tenant_id in (select m.tenant_id from members m where m.user_id = 'me'))`
  expect(await lintSql(membershipWritable, text, {}, model)).toEqual([])
})

it('says nothing where a trigger may refuse', async () => {
  const text = `${members} create policy p on members to app_user using (${self});
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger refuse before insert or update on members for each row execute function refuse()`
  expect(await lintSql(membershipWritable, text, {}, model)).toEqual([])
})

it('finds a membership table without Row Level Security', async () => {
  const text =
    'create table members (user_id text, tenant_id text); grant insert on members to app_user'
  expect(await lintSql(membershipWritable, text, {}, model)).toHaveLength(1)
})
