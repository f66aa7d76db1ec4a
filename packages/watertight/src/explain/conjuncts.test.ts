import { expect, it } from 'vitest'
import { conjunctsOf, operandsOf } from './conjuncts.js'

it.each<[string, readonly string[]]>([
  ['(a = 1)', ['(a = 1)']],
  ['true', ['true']],
  ['((a = 1) AND (b = 2))', ['(a = 1)', '(b = 2)']],
  ['(((a = 1) AND (b = 2)))', ['(a = 1)', '(b = 2)']],
  ['((a = 1) AND (b = 2) AND c)', ['(a = 1)', '(b = 2)', 'c']],
  ['((a = 1) OR (b = 2))', ['((a = 1) OR (b = 2))']],
  ['((a = 1) AND ((b = 2) OR (c = 3)))', ['(a = 1)', '((b = 2) OR (c = 3))']],
  ["((a = 'x) AND (y') AND (b = 2))", ["(a = 'x) AND (y')", '(b = 2)']],
  ["((a = 'it''s AND ''x') AND b)", ["(a = 'it''s AND ''x')", 'b']],
  ['(("a AND b" = 1) AND ("q"" AND ""r" = 2))', ['("a AND b" = 1)', '("q"" AND ""r" = 2)']],
  ['((a = ANY (ARRAY[1, 2])) AND b)', ['(a = ANY (ARRAY[1, 2]))', 'b']],
  [
    '((t = ( SELECT watertight.tenant_id() AS tenant_id)) AND (o = ANY (f())))',
    ['(t = ( SELECT watertight.tenant_id() AS tenant_id))', '(o = ANY (f()))'],
  ],
  [
    '(EXISTS ( SELECT 1\n   FROM m\n  WHERE ((m.a = t.a) AND (m.b = t.b))))',
    ['(EXISTS ( SELECT 1\n   FROM m\n  WHERE ((m.a = t.a) AND (m.b = t.b))))'],
  ],
  ['CASE WHEN a AND b THEN c ELSE d END', ['CASE WHEN a AND b THEN c ELSE d END']],
  ['(a) AND (b)', ['(a)', '(b)']],
  ['(NOT (a AND b))', ['(NOT (a AND b))']],
  ["('unfinished AND x", ["('unfinished AND x"]],
])('%s', (expression, conjuncts) => {
  expect(conjunctsOf(expression)).toEqual(conjuncts)
})

it.each<[string, 'AND' | 'OR' | null, readonly string[]]>([
  ['((a = 1) OR (b = 2))', 'OR', ['(a = 1)', '(b = 2)']],
  ['((a = 1) AND ((b = 2) OR (c = 3)))', 'AND', ['(a = 1)', '((b = 2) OR (c = 3))']],
  ["((a = 'x OR y') OR b)", 'OR', ["(a = 'x OR y')", 'b']],
  ['(NOT (a OR b))', null, ['(NOT (a OR b))']],
  ['a AND b OR c', null, ['a AND b OR c']],
])('%s is made by %s', (expression, operator, operands) => {
  expect(operandsOf(expression)).toEqual({ operator, operands })
})
