import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { looksLikeSql } from '../../scripts/lint/no-sql-interpolation.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

test.each([
  'select ◊ from notes',
  'SELECT set_config(◊, $1, true)',
  '\n  -- why\n  insert into ◊ values ($1)',
  'update ◊ set a = 1',
  'delete from notes where id = ◊',
  'create or replace function ◊() returns int',
  'alter table ◊ enable row level security',
  'drop policy ◊ on notes',
  'drop owned by ◊',
  'grant select on ◊ to app',
  'revoke all on schema ◊ from public',
  'set local ◊ = 1',
  'set role ◊',
  'set search_path to ◊',
  'reset ◊',
  'truncate ◊',
  'comment on table ◊ is null',
  'copy ◊ from stdin',
  'with x as (select 1) select * from ◊',
  'savepoint ◊',
])('%j is taken for SQL', (text) => {
  expect(looksLikeSql(text)).toBe(true)
})

test.each([
  'Select a tenant: ◊',
  'Create the role ◊ first, then run apply again',
  'Update watertight.config.ts: ◊',
  'Drop it with ◊',
  'Grant ◊ more time',
  'set by ◊',
  'with ◊ rows',
  'The table ◊ has no policy for SELECT from PUBLIC',
  'https://example.test/◊',
])('%j is taken for prose', (text) => {
  expect(looksLikeSql(text)).toBe(false)
})

test('the lint reports pasted SQL, and neither the sql tag nor a summary for people', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'watertight-lint-'))
  const file = join(directory, 'bad.ts')
  const source = [
    'export const a = (name: string): string => `drop table ${name}`',
    "export const b = (name: string): string => 'drop table ' + name + ' cascade'",
    'export const c = (name: string): string => sql`drop table ${ident(name)}`',
    'export const d = (name: string): object => ({ summary: `drop table ${name}` })',
    "export const e = 'select ' + '1 from notes'",
  ]
  await writeFile(file, source.join('\n'))
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/oxlint/bin/oxlint'),
      '-c',
      join(root, '.oxlintrc.json'),
      '--format=unix',
      file,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  const lines = stdout
    .split('\n')
    .filter((line) => line.includes('no-sql-interpolation'))
    .map((line) => Number(/bad\.ts:(\d+):/.exec(line)?.[1]))
  expect(lines).toEqual([1, 2])
  await rm(directory, { recursive: true, force: true })
})
