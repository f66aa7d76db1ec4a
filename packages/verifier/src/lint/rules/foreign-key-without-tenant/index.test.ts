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

it('finds the second parent of a table between two, which nothing binds to the tenant', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    create table labels (id int primary key, tenant_id text not null);
    create table note_labels (note_id int not null references notes, label_id int not null references labels)`
  const found = await lintSql(foreignKeyWithoutTenant, text, {
    'public.notes': { scope: 'tenant' },
    'public.note_labels': { scope: 'tenant', through: 'public.notes' },
  })
  expect(found.map(({ object, message }) => [object, message])).toEqual([
    ['public.note_labels', expect.stringContaining('note_labels_label_id_fkey')],
  ])
})

it('finds a reference to a table that has its tenant from another row', async () => {
  const text = `create table notes (id int primary key, tenant_id text not null);
    create table replies (id int primary key, note_id int not null references notes);
    create table pins (tenant_id text not null, reply_id int references replies)`
  const [finding, ...more] = await lintSql(foreignKeyWithoutTenant, text, {
    'public.notes': { scope: 'tenant' },
    'public.replies': { scope: 'tenant', through: 'public.notes' },
  })
  expect(more).toEqual([])
  expect(finding?.message).toContain('as public.replies has no tenant column')
})

it('says nothing where both parents are reached by a column in common', async () => {
  const text = `create table boards (id int primary key, tenant_id text not null);
    create table lists (board_id int not null references boards, id int, primary key (board_id, id));
    create table tags (board_id int not null references boards, id int, primary key (board_id, id));
    create table list_tags (board_id int not null, list_id int not null, tag_id int not null,
      foreign key (board_id, list_id) references lists, foreign key (board_id, tag_id) references tags)`
  const through = (table: string) => ({ scope: 'tenant', through: table }) as const
  expect(
    await lintSql(foreignKeyWithoutTenant, text, {
      'public.boards': { scope: 'tenant' },
      'public.lists': through('public.boards'),
      'public.tags': through('public.boards'),
      'public.list_tags': through('public.lists'),
    }),
  ).toEqual([])
})
