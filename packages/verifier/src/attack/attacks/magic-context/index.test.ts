import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { magicContext } from './index.js'

describeAttack(magicContext, import.meta.url)

const context = `current_setting('app.tenant_id', true)`
const table = `create table notes (id int primary key, tenant_id text not null);
  insert into notes values (1, 'a'), (2, 'b');
  alter table notes enable row level security; grant select on notes to app_user;`

it.each([
  ['a star', `tenant_id = ${context} or ${context} = '*'`],
  ['a word of a list', `tenant_id = ${context} or ${context} in ('ops', 'audit')`],
  ['a fallback', `tenant_id = coalesce(nullif(${context}, 'none'), tenant_id)`],
  ['a wildcard', `tenant_id like ${context}`],
])('finds %s that stands for all tenants', async (_name, condition) => {
  const results = await attackSql(
    magicContext,
    `${table} create policy p on notes using (${condition})`,
  )
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['leak'])
})
