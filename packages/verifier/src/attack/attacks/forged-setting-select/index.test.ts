import { readCatalog } from 'watertight/catalog'
import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { caseDatabase } from '../../../../test/readme-cases.js'
import { lintInput } from '../../../lint/lint-input.js'
import { runAttacks } from '../../run-attacks.js'
import { forgedSettingSelect } from './index.js'

describeAttack(forgedSettingSelect, import.meta.url)

const table = `create table notes (id int primary key, tenant_id text not null, author text, team text[]);
  insert into notes values (1, 'a', 'ann', '{}'), (2, 'b', 'bob', '{red}');
  alter table notes enable row level security; grant select on notes to app_user;`
const mine = `tenant_id = current_setting('app.tenant_id', true)`

const kinds = async (text: string): Promise<readonly string[]> =>
  (await attackSql(forgedSettingSelect, table + text)).map(({ outcome }) => outcome.kind)

it.each([
  ['a setting in place of the context', `tenant_id = current_setting('app.requested', true)`],
  ['the author of a row', `${mine} or author = current_setting('app.author', true)`],
  [
    'a list of tenants',
    `${mine} or tenant_id = any (string_to_array(current_setting('app.shared', true), ','))`,
  ],
  [
    'a header',
    `${mine} or tenant_id = current_setting('request.headers', true)::json ->> 'x-tenant'`,
  ],
  [
    'two settings together',
    `${mine} or (current_setting('app.role', true) = 'staff' and tenant_id = current_setting('app.viewed', true))`,
  ],
])('finds %s', async (_name, condition) => {
  expect(await kinds(`create policy p on notes using (${condition})`)).toContain('leak')
})

it('finds a setting that a helper function reads', async () => {
  const text = `create function staff() returns boolean language sql stable
      as $$ select current_setting('app.staff', true) = 'on' $$;
    create policy p on notes using (${mine} or staff())`
  expect(await kinds(text)).toContain('leak')
})

it.each([
  [
    'the declared user',
    `create policy p on notes using (${mine} and author = current_setting('app.user_id', true))`,
    [],
  ],
  [
    'a setting that only narrows',
    `create policy p on notes using (${mine});
     create policy r on notes as restrictive using (coalesce(current_setting('app.step', true), '') <> 'none')`,
    ['held'],
  ],
])('says nothing of %s', async (_name, text, outcomes) => {
  expect(await kinds(text)).toEqual(outcomes)
})

it.each([
  ['a claim that users edit', `-> 'profile' ->> 'active'`, 'leak'],
  ['a claim that the issuer sets beside the tenant', `-> 'org' ->> 'parent'`, undefined],
  ['a claim at the top of the token', `->> 'region'`, undefined],
])('tells %s', async (_name, path, expected) => {
  const claims = `(current_setting('request.jwt.claims', true)::jsonb)`
  const at = await caseDatabase(`${table} create policy p on notes
    using (tenant_id = coalesce(${claims} ${path}, ${claims} -> 'org' ->> 'id'))`)
  try {
    const { admin } = at.database
    const context = {
      kind: 'jwt-claims',
      guc: 'request.jwt.claims',
      tenant: '/org/id',
      user: '/sub',
    } as const
    const catalog = await readCatalog(admin, { schemas: 'all' })
    const report = await runAttacks(admin, lintInput({ ...at.model, context }, catalog, new Date()))
    const result = report.results.find(({ attack }) => attack.id === forgedSettingSelect.id)
    expect(result?.outcome.kind).toBe(expected)
  } finally {
    await at.database.drop()
  }
})
