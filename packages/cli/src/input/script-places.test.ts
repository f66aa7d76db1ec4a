import { expect, it } from 'vitest'
import { scriptPlaces } from './script-places.js'

const placeOf = scriptPlaces(
  [
    {
      name: '/project/migrations/1_a.sql',
      text: '-- first\ncreate table if not exists Notes (id int);\n  create table app."My ""T" (id int);',
    },
    {
      name: '/project/migrations/2_b.sql',
      text: 'create or replace function app.f(n int) returns int language sql as $$ select 1 $$;\ncreate materialized view v as select 1;\ncreate table notes (again int);',
    },
  ],
  '/project',
)

it.each([
  ['public.notes', 'migrations/1_a.sql', 2, 1],
  ['app."My ""T"', 'migrations/1_a.sql', 3, 3],
  ['app.f(n integer)', 'migrations/2_b.sql', 1, 1],
  ['keep on public.notes', 'migrations/1_a.sql', 2, 1],
  ['public.v', 'migrations/2_b.sql', 2, 1],
])('finds where %s is made', (object, file, line, column) => {
  expect(placeOf(object)).toEqual({ file, line, column })
})

it('says of nothing that no script makes where it is', () => {
  expect(placeOf('public.other')).toBeNull()
  expect(placeOf('role app')).toBeNull()
})
