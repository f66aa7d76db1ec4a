import { expect, it } from 'vitest'
import { holdsCursor } from './held-cursor.js'

it.each([
  'declare c cursor with hold for select 1',
  'DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1',
  'declare c binary insensitive scroll cursor\nwith\thold for values (1)',
  '-- note\ndeclare/**/"a "" b"/* /* nested */ */cursor with--x\nhold for table t',
  'declare "c" cursor with hold for select 1',
  'declare U&"\\0061" cursor with hold for select 1',
  'declare "c"cursor with hold for select 1',
  'declare"c"cursor with hold for select 1',
  `declare U&"c" uescape '!' cursor with hold for select 1`,
  'declare éfor cursor with hold for select 1',
  'declare a$for cursor with hold for select 1',
  '; ;/* */;declare c cursor with hold for select 1',
])('knows that %j keeps its rows after the transaction', (text) => {
  expect(holdsCursor(text)).toBe(true)
})

it.each([
  'declare c cursor for select 1',
  'declare c cursor without hold for select 1',
  'declare c cursor for with hold as (select 1) select * from hold',
  "declare c cursor for select 'cursor with hold for'",
  'declare "cursor with hold" cursor for select 1',
  'declare c cursor /* with hold */ for select 1',
  "select 'declare c cursor with hold for select 1'",
  'fetch all from hold',
  'declare c cursor for select 1 as a union select 2 from t with hold',
])('lets %j pass', (text) => {
  expect(holdsCursor(text)).toBe(false)
})
