import { createTestDatabase } from '../../../../../test/database.js'
import { describe, expect, it } from 'vitest'
import { choosePrelude } from './choose-prelude.js'
import { neonPrelude } from './neon.js'

const chosen = (text: string, source = 'migrations'): string | null =>
  choosePrelude('auto', [{ name: '1.sql', text }], source)?.name ?? null

const cases: readonly (readonly [string, string, string | null])[] = [
  ['a policy asks auth.uid()', 'create policy p on t using (user_id = auth.uid());', 'supabase'],
  ['quoted names', 'create policy p on "t" using (("auth"."uid"() = "user_id"));', 'supabase'],
  ['users', 'create table t (user_id uuid references auth.users on delete cascade);', 'supabase'],
  ['storage', "create policy p on storage.objects using (bucket_id = 'a');", 'supabase'],
  ['auth.user_id() is Neon’s', 'create policy p on t using (auth.user_id() = user_id);', 'neon'],
  ['a comment is no reference', '-- auth.uid()\nselect 1;', null],
  ['a stand-in of its own', 'create schema auth; create function auth.uid() returns uuid;', null],
  ['users of its own', 'create table auth.users (id uuid); select auth.uid();', null],
  ['roles alone say nothing', 'grant select on t to authenticated;', null],
]

describe('takes what scripts refer to', () => {
  it.each(cases)('%s', (_, text, expected) => {
    expect(chosen(text)).toBe(expected)
  })

  it('roles alone do in its folder, unless the scripts make them', () => {
    const folder = 'supabase/migrations'
    expect(chosen('create policy p on t to authenticated using (true);', folder)).toBe('supabase')
    expect(chosen('create role authenticated; grant select on t to authenticated;', folder)).toBe(
      null,
    )
  })
})

it('leaves the platform out when asked to, and takes the one that is named', () => {
  const scripts = [{ name: '1.sql', text: 'select auth.uid()' }]
  expect(choosePrelude('none', scripts, '.')).toBeNull()
  expect(choosePrelude('neon', scripts, '.')?.text).toBe(neonPrelude)
})

it.each(['supabase', 'neon'] as const)(
  'loads what is there on %s, and its functions read the claims',
  async (name) => {
    const database = await createTestDatabase()
    try {
      const prelude = choosePrelude(name, [], '.')
      await database.admin.query('begin')
      await database.admin.query(prelude?.text ?? '')
      const sub = '6f0c3f2e-6f3a-4c83-9a39-0d4d5a1f3a10'
      await database.admin.query(`select set_config('request.jwt.claims', $1, true)`, [
        JSON.stringify({ sub, role: 'authenticated' }),
      ])
      const { rows } = await database.admin.query('select auth.uid()::text as uid')
      expect(rows).toEqual([{ uid: sub }])
      await database.admin.query(`select set_config('request.jwt.claims', '', true)`)
      const { rows: none } = await database.admin.query('select auth.uid() as uid')
      expect(none).toEqual([{ uid: null }])
      // A body in C that is no extension's would be listed as a source nobody can read.
      const { rows: unreadable } = await database.admin.query(
        `select p.oid::regprocedure::text as name from pg_proc p join pg_language l on l.oid = p.prolang
          where p.oid >= 16384 and l.lanname in ('c', 'internal') and has_function_privilege('public', p.oid, 'execute')
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
      )
      expect(unreadable).toEqual([])
      // Roles are of the whole cluster: nothing of them may stay behind.
      await database.admin.query('rollback')
    } finally {
      await database.drop()
    }
  },
)
