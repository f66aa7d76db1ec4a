import { literal } from 'watertight/sql'
import { expect, it } from 'vitest'
import { isOneStatement, parametersOf, withValue } from './client-statement.js'

it.each([
  ['select a from t where tenant_id = $1', [1]],
  ['with x as (select 1) select * from x join t on $3::uuid = t.tenant_id', [3]],
  ['select 1 from t where "tenant_id" = ($2)::text::uuid and b = $1', [2]],
  ['/* shop: 7 */ insert into t (a) select a from u where u.tenant_id = $1', [1]],
  ['(select a from t where ($4::text)::uuid = "t"."tenant_id");', [4]],
  ['update t set a = $1 where tenant_id = $2 and tenant_id <> $3', [2]],
  ['-- all\ndelete from t where other_tenant_id = $1 and tenant_id > $2', []],
] as const)('reads one statement and the parameters of the tenant: %s', (text, parameters) => {
  expect(isOneStatement(text)).toBe(true)
  expect(parametersOf(text, 'tenant_id')).toEqual(parameters)
})

it.each([
  'select 1; drop table t',
  "select 1; commit; delete from t where a = ';'",
  "select E'\\'; commit --'",
  'select 1 /* ; */ from t',
  'create table copy as select * from t',
  'merge into t using u on t.a = u.a when matched then delete',
  'explain analyze delete from t',
  'selects',
  '',
])('plans nothing of: %s', (text) => {
  expect(isOneStatement(text)).toBe(false)
})

it('writes out the parameters it is given, and no other', () => {
  const text = 'select $1, $2, $11, a$1 from t where ä = $1::uuid; '
  expect(withValue(text, [1], literal("a'b")).text).toBe(
    "select 'a''b', $2, $11, a$1 from t where ä = 'a''b'::uuid",
  )
})
