import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { rolePowers } from './index.js'

describeRule(rolePowers, import.meta.url, { severity: 'error', fixable: true })

it.each([
  ['SUPERUSER', 'alter role app_user superuser'],
  ['REPLICATION', 'alter role app_user replication'],
  ['pg_read_all_data', 'grant pg_read_all_data to app_user'],
  ['pg_write_all_data', 'grant app_support to app_user; grant pg_write_all_data to app_support'],
  ['pg_signal_backend', 'grant pg_signal_backend to app_user'],
])('finds %s', async (power, text) => {
  const findings = await lintSql(rolePowers, text)
  expect(findings.map(({ evidence }) => evidence['power'])).toContain(power)
})

it('finds an owner, although Row Level Security is forced', async () => {
  const text = `create table notes (id int, tenant_id text not null); alter table notes owner to app_user;
    alter table notes enable row level security; alter table notes force row level security`
  const findings = await lintSql(rolePowers, text)
  expect(findings.map(({ evidence }) => evidence['power'])).toEqual(['owner'])
})

it('takes the role out of the other one wherever the membership is, unless it works through it', async () => {
  const notes =
    'create table notes (id int, tenant_id text not null); alter table notes owner to app_owner;'
  const through = 'grant app_support to app_user; grant app_owner to app_support;'
  const fixOf = async (text: string): Promise<string | undefined> =>
    (await lintSql(rolePowers, text))[0]?.fix?.sql
  expect(
    await fixOf(`${notes} ${through} grant select, insert, update, delete on notes to app_user`),
  ).toMatch(/^revoke \S+app_owner from \S+app_support/)
  expect(await fixOf(notes + through)).toBeUndefined()
})
