import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { uniqueWithoutTenant } from './index.js'

describeRule(uniqueWithoutTenant, import.meta.url, {
  severity: 'warning',
  fixable: true,
  once: true,
})

it('finds an exclusion constraint', async () => {
  const text = `create table notes (id int, tenant_id text not null, body text, exclude using btree (body with =));
    grant insert on notes to app_user`
  expect(await lintSql(uniqueWithoutTenant, text)).toHaveLength(1)
})

it('says nothing about a random key', async () => {
  const text = `create table notes (id int, tenant_id text not null, token uuid unique);
    grant insert on notes to app_user`
  expect(await lintSql(uniqueWithoutTenant, text)).toEqual([])
})

it('keeps operator class, predicate and deferral of the key that it rebuilds', async () => {
  const text = `create table notes (id int, tenant_id text not null, body text,
      constraint late unique (body) deferrable initially deferred);
    create unique index live on notes (lower(body) text_pattern_ops) where id > 0;
    grant insert on notes to app_user`
  const fixes = (await lintSql(uniqueWithoutTenant, text)).map(({ fix }) => fix?.sql).join('\n')
  expect(fixes).toContain('(tenant_id, body) DEFERRABLE INITIALLY DEFERRED')
  expect(fixes).toContain('(tenant_id, lower(body) text_pattern_ops) WHERE (id > 0)')
})

it('finds a primary key that people choose, and no made-up one', async () => {
  const table = (key: string): string =>
    `create table notes (${key} text primary key, tenant_id text not null); grant insert on notes to app_user`
  expect(await lintSql(uniqueWithoutTenant, table('email'))).toHaveLength(1)
  for (const key of ['id', 'note_id', 'token']) {
    expect(await lintSql(uniqueWithoutTenant, table(key))).toEqual([])
  }
})
