import { expect, it } from 'vitest'
import { operationOf } from './statement-operation.js'
import { withoutValues } from './statement-text.js'

it.each([
  ['select 1', 'SELECT'],
  ['  \n SELECT 1', 'SELECT'],
  ['((select 1) union (select 2))', 'SELECT'],
  ['-- who\n/* why */ insert into t values (1)', 'INSERT'],
  ['with x as (select 1) delete from t', 'WITH'],
  ['secret', 'OTHER'],
  ['', 'OTHER'],
  ['/* unfinished', 'OTHER'],
  ['alice@example.com', 'OTHER'],
])('%j is a %s', (text, operation) => {
  expect(operationOf(text)).toBe(operation)
})

it.each([
  ["select * from t where a = 'x' and b = $1", 'select * from t where a = ? and b = $1'],
  ["select 'it''s', E'a\\'b', U&'\\0061', b'01'", 'select ?, ?, ?, ?'],
  ['select $$secret$$, $tag$sec $$ ret$tag$, $1', 'select ?, ?, $1'],
  ['select 42, 4.2e-1, 0xFF, .5, t1.c2', 'select ?, ?, ?, ?, t1.c2'],
  ['select "a ""quoted"" 1", "x" from "T2"', 'select "a ""quoted"" 1", "x" from "T2"'],
  ['select 1 -- secret\n, 2 /* secret */', 'select ? , ?'],
  ["select 'secret", 'select ?'],
  ['select $$secret', 'select ?'],
  [
    "select a from t limit 10 offset 20::int where d = date '2020-01-01'",
    'select a from t limit ? offset ?::int where d = date ?',
  ],
])('%s loses its constants', (text, kept) => {
  expect(withoutValues(text)).toBe(kept)
})

it('takes linear time for a long statement', () => {
  const text = `select ${"'x', ".repeat(50_000)}1`
  expect(withoutValues(text)).toHaveLength(4096)
})
