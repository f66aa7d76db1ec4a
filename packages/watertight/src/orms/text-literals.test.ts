import { expect, it } from 'vitest'
import { controlOf } from './statement-control.js'
import { withoutStrings } from './text-literals.js'

it.each([
  ["select 'it''s', e'\\'' || E'\\\\', n", "select '', '' || '', n"],
  ["select U&'d\\0061t', \"a'b\", 'x'", "select U&'', \"a'b\", ''"],
  ["select a$$, ' $$ ', f(), ' $$ '", "select a$$, '', f(), ''"],
  ["select $$ ' $$, f(), $x$ ' $x$", "select $$ ' $$, f(), $x$ ' $x$"],
  ["select 1 -- it's\n, f(), '--'", "select 1 -- it's\n, f(), ''"],
  ["select 1 /* ' /* */ ' */, f(), '*/'", "select 1 /* ' /* */ ' */, f(), '*/'"],
  ["select $1, 'a', date '2026-01-02'", "select $1, '', date ''"],
])('takes the strings out of %s', (text, bare) => {
  expect(withoutStrings(text)).toBe(bare)
})

it.each([
  "insert into snippets (body) values ('select set_config(1)')",
  "update t set body = E'it\\'s set_config', n = 1",
])('lets data name what the session keeps: %s', (text) => {
  expect(controlOf(text)).toEqual({ kind: 'none' })
})

it.each([
  "select '' , set_config('a', 'b', false), ''",
  "select $$'$$, set_config('a', 'b', false), $$'$$",
  "select a$$, '$$', set_config('a', 'b', false), '$$'",
  "select e'\\', set_config(', set_config('a', 'b', false)",
  "select \"'\", set_config('a', 'b', false), \"'\"",
  "select 1 --'\n, set_config('a', 'b', false) --'",
  "select /* /* */ ' */ set_config('a', 'b', false), '/*'",
  "do 'begin perform set_config(''a'', ''b'', false); end'",
  "create function f() returns text language sql as 'select set_config(1)'",
])('refuses a call of set_config behind data: %s', (text) => {
  expect(() => controlOf(text)).toThrow(expect.objectContaining({ code: 'STATEMENT_REFUSED' }))
})
