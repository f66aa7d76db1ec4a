import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { MutateResult } from '@watertight/verifier'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { schemaFaults } from '../../../verifier/test/json-schema.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'

// Many runs of a small test command, each on a copy of its own.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 })

const pgModule = fileURLToPath(import.meta.resolve('pg'))

let project: Project
let database: TestDatabase
let app: string

beforeAll(async () => {
  project = await createProject()
  database = await createTestDatabase()
  app = `${database.rolePrefix}_app`
  await database.admin.query(`
    create role ${app};
    create schema s; grant usage on schema s to ${app};
    create table s.notes (id int primary key, tenant_id int not null, text text not null);
    grant select, insert on s.notes to ${app};
    alter table s.notes enable row level security;
    create policy own on s.notes to ${app}
      using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::int)
      with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::int);`)
  // Looks at reads alone: a weak suite.
  await project.write(
    'weak.mjs',
    `import pg from ${JSON.stringify(pgModule)}
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
     await client.connect()
     await client.query("insert into s.notes values (101, 1, 'a'), (102, 2, 'b')")
     await client.query('begin')
     await client.query("select set_config('app.tenant_id', '1', true)")
     await client.query('set local role ${app}')
     const { rows } = await client.query('select id from s.notes')
     await client.query('rollback')
     await client.query('delete from s.notes')
     await client.end()
     process.exitCode = rows.length === 1 && rows[0].id === 101 ? 0 : 1`,
  )
})
afterAll(async () => {
  await database.drop()
  await project.remove()
})

const cli = (...args: string[]): ReturnType<typeof runCli> =>
  runCli(['mutate', '--scratch-url', database.url, ...args], {
    cwd: project.folder,
    variables: { PATH: process.env['PATH'] },
  })

const parsed = (stdout: string): MutateResult => JSON.parse(stdout) as MutateResult
const statusOf = ({ mutants }: MutateResult, start: string): readonly string[] => [
  ...new Set(mutants.filter(({ id }) => id.startsWith(start)).map(({ status }) => status)),
]

it('names what a weak suite does not notice, and writes the tests that do', async () => {
  // Connections to the database that copies are made of are in the way.
  await database.admin.end()
  const first = await cli('--test', 'node weak.mjs', '--write-tests', 'iso', '--format', 'json')
  expect(first.stderr).toContain('running the tests without a database')
  expect(first.exit).toBe(1)
  const weak = parsed(first.stdout)
  const path = new URL('../../../verifier/schema/mutate-result.schema.json', import.meta.url)
  const schema = JSON.parse(await readFile(path, 'utf8')) as Parameters<typeof schemaFaults>[0]
  expect(schemaFaults(schema, weak)).toEqual([])

  expect(statusOf(weak, 'policy-using-true:')).toEqual(['killed'])
  expect(statusOf(weak, 'rls-disabled:')).toEqual(['killed'])
  expect(statusOf(weak, 'policy-check-true:')).toEqual(['survived'])
  expect(statusOf(weak, 'grant-truncate:')).toEqual(['survived'])
  expect(statusOf(weak, 'tenant-nullable:')).toEqual(['survived'])
  // Nobody else has rights, and NULL is no tenant of a row.
  expect(statusOf(weak, 'policy-to-public:')).toEqual(['equivalent'])
  expect(statusOf(weak, 'role-bypass-rls:')).toEqual(['not-run'])
  expect(weak.summary.broken).toBe(0)
  for (const { status, test } of weak.mutants) expect(test !== null).toBe(status === 'survived')
  const files = await readdir(`${project.folder}/iso`)
  expect(files).toHaveLength(weak.summary.survived)

  // The written tests as people run them, `pg` found beside them.
  await mkdir(`${project.folder}/node_modules`)
  await symlink(
    pgModule.replace(/(node_modules\/pg)\/.*$/, '$1'),
    `${project.folder}/node_modules/pg`,
  )
  const both = 'node weak.mjs && node --test iso'
  const survivors = weak.mutants.filter(({ status }) => status === 'survived')
  const only = survivors.flatMap(({ id }) => ['--only', id])
  const second = await cli('--test', both, '--format', 'json', ...only)
  const strong = parsed(second.stdout)
  expect(strong.mutants.map(({ status }) => status)).toEqual(survivors.map(() => 'killed'))
  expect(strong.summary.score).toBe(100)
  expect(second.exit).toBe(0)
})

it('refuses tests that are red, that use no database, or that are not named', async () => {
  const red = await cli('--test', 'echo broken by hand; false')
  expect(red).toMatchObject({ exit: 4, stdout: '' })
  expect(red.stderr).toContain('broken by hand')
  const blind = await cli('--test', 'true')
  expect(blind).toMatchObject({ exit: 4, stdout: '' })
  expect(blind.stderr).toContain('pass without any database')
  expect(await cli()).toMatchObject({ exit: 64 })
  expect((await runCli(['mutat'])).stderr).toContain('did you mean mutate')
})

it('mutates migrations of a hosted platform, whose functions a stand-in has', async () => {
  await project.write(
    'hosted.sql',
    `create table public.notes (id int primary key, tenant_id uuid not null);
     alter table public.notes enable row level security;
     create policy own on public.notes to authenticated using (tenant_id = auth.uid());
     grant select on public.notes to authenticated;`,
  )
  await project.write(
    'hosted.mjs',
    `import pg from ${JSON.stringify(pgModule)}
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
     await client.connect()
     await client.query("insert into public.notes values (1, gen_random_uuid())")
     await client.query('begin; set local role authenticated')
     const { rows } = await client.query('select id from public.notes')
     await client.query('rollback; delete from public.notes')
     await client.end()
     process.exitCode = rows.length === 0 ? 0 : 1`,
  )
  const run = (...args: string[]): ReturnType<typeof runCli> =>
    runCli(['mutate', 'hosted.sql', '--test', 'node hosted.mjs', '--format', 'json', ...args], {
      cwd: project.folder,
      variables: { PATH: process.env['PATH'] },
    })
  const judged = await run('--only', 'rls-disabled:public.notes')
  expect(judged.stderr).toContain('a stand-in of it was loaded first')
  expect(statusOf(parsed(judged.stdout), 'rls-disabled:')).toEqual(['killed'])
  const bare = await run('--prelude', 'none')
  expect(bare.exit).toBe(64)
  expect(bare.stdout).toContain('LOAD_FAILED')
})

it('leaves no copy behind, interrupted or not', async () => {
  const interruption = new AbortController()
  const marker = `${project.folder}/started`
  const ending = runCli(
    ['mutate', '--scratch-url', database.url, '--test', `touch ${marker}; sleep 60`],
    { cwd: project.folder, variables: { PATH: process.env['PATH'] }, signal: interruption.signal },
  )
  await vi.waitFor(() => expect(existsSync(marker)).toBe(true), 60_000)
  interruption.abort(new Error('received SIGINT'))
  expect((await ending).exit).toBe(130)
  const admin = await database.connect()
  const { rowCount } = await admin.query(
    `select from pg_database where datname like 'watertight_mutant_%'`,
  )
  expect(rowCount).toBe(0)
})
