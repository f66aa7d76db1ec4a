import { readCatalog } from 'watertight/catalog'
import type { KeyType } from 'watertight/model'
import { expect, it } from 'vitest'
import { describeAttack } from '../../../../test/describe-attack.js'
import { caseDatabase } from '../../../../test/readme-cases.js'
import { lintInput } from '../../../lint/lint-input.js'
import { runAttacks } from '../../run-attacks.js'
import { collidingKey } from './index.js'

describeAttack(collidingKey, import.meta.url)

const context = `current_setting('app.tenant_id', true)`
const notes = (type: string): string =>
  `create table notes (id int primary key, tenant_id ${type} not null);
   alter table notes enable row level security; grant select on notes to app_user;`

const kinds = async (text: string, type: string): Promise<readonly string[]> => {
  const at = await caseDatabase(text)
  try {
    const { admin } = at.database
    const keyType: KeyType = type === 'text' || type === 'uuid' ? type : 'bigint'
    const model = { ...at.model, tenantKey: { ...at.model.tenantKey, type: keyType } }
    const catalog = await readCatalog(admin, { schemas: 'all' })
    const report = await runAttacks(admin, lintInput(model, catalog, new Date()))
    return report.results
      .filter(({ attack }) => attack.id === collidingKey.id)
      .map(({ outcome }) => outcome.kind)
  } finally {
    await at.database.drop()
  }
}

it.each([
  ['a cast that cuts', 'text', `tenant_id::varchar(5) = (${context})::varchar(5)`],
  ['a name, which holds 63 bytes', 'text', `tenant_id::name = (${context})::name`],
  ['a pattern without end', 'text', `tenant_id like ${context} || '%'`],
  ['a wildcard in the key', 'text', `tenant_id like ${context}`],
  ['a regular expression that is not anchored', 'text', `tenant_id ~ ${context}`],
  ['padding', 'text', `rtrim(tenant_id) = rtrim(${context})`],
  ['numbers as prefixes', 'bigint', `tenant_id::text like ${context} || '%'`],
  ['rounding', 'numeric', `tenant_id::integer = (${context})::numeric::integer`],
  ['the start of an identifier', 'uuid', `left(tenant_id::text, 8) = left(${context}, 8)`],
])('finds %s', async (_name, type, condition) => {
  expect(await kinds(`${notes(type)} create policy p on notes using (${condition})`, type)).toEqual(
    ['leak'],
  )
})

it.each([
  ['a comparison through text', 'bigint', `tenant_id::text = rtrim(${context})`],
  [
    'a start that is compared with the whole',
    'text',
    `starts_with(tenant_id, ${context}) and length(tenant_id) = length(${context})`,
  ],
])('is refused by %s', async (_name, type, condition) => {
  expect(await kinds(`${notes(type)} create policy p on notes using (${condition})`, type)).toEqual(
    ['held'],
  )
})

const folded = `create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`
const plain = `create policy p on notes using (tenant_id = ${context})`

it('finds a column whose collation folds case, and a domain that cuts', async () => {
  expect(await kinds(`${folded} ${notes('text collate folded')} ${plain}`, 'text')).toEqual([
    'leak',
  ])
  const cut = `create domain short as varchar(4); ${notes('text')}
    create policy p on notes using (tenant_id::short = (${context})::short)`
  expect(await kinds(cut, 'text')).toEqual(['leak'])
})

it('is refused by an exact collation, and does not try a column that points to a table of tenants', async () => {
  expect(await kinds(`${notes('text collate "C"')} ${plain}`, 'text')).toEqual(['held'])
  const tenants = `${folded} create table tenants (id text collate folded primary key);`
  const child = notes('text collate folded').replace('not null', 'not null references tenants')
  expect(await kinds(`${tenants} ${child} ${plain}`, 'text')).toEqual([])
})

it('is refused where two such tenants cannot exist', async () => {
  const text = `create table tenants (id text primary key check (id = lower(id)));
    create table notes (id int primary key, tenant_id text not null references tenants);
    alter table notes enable row level security; grant select on notes to app_user;
    create policy p on notes using (lower(tenant_id) = lower(${context}))`
  expect(await kinds(text, 'text')).toEqual(['held'])
})
