import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Project } from '../packages/cli/src/testing/project.js'
import { createProject } from '../packages/cli/src/testing/project.js'
import { runCli } from '../packages/cli/src/testing/run-cli.js'
import type { TestDatabase } from './database.js'
import { createTestDatabase } from './database.js'

/** The three tables that the README speaks of. */
const tables = `
  create table tenants (id uuid primary key, name text not null);
  create table invoices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants,
    paid boolean not null default false
  );
  create table plans (code text primary key);
`

let page: string
let project: Project
let database: TestDatabase

beforeAll(async () => {
  page = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  project = await createProject()
  await mkdir(join(project.folder, 'migrations'))
  await project.write('migrations/0001_tables.sql', tables)
  database = await createTestDatabase()
  await database.admin.query(tables)
})
afterAll(async () => {
  await project.remove()
  await database.drop()
})

it('the README shows what init and dev say of its tables', async () => {
  const place = { cwd: project.folder }
  const init = await runCli(['init', 'migrations'], place)
  const said = init.stderr.split('\n').filter((line) => /^(ok|\?) /.test(line))
  expect(said).toHaveLength(3)
  for (const line of said) expect(page).toContain(line.replace(/^ok /, '✓ '))
  const args = ['dev', '--migrations', 'migrations', '--ephemeral', '--once']
  const dev = await runCli(args, place)
  expect(page).toContain(/applied \d+ steps of the isolation layer/.exec(dev.stderr)?.[0])
})

it('the README shows the matrix and the verdict that check prints', async () => {
  const declared = await readFile(join(project.folder, 'watertight.config.ts'), 'utf8')
  await project.write(
    'watertight.config.ts',
    declared.replace("prefix: 'app'", `prefix: '${database.rolePrefix}'`),
  )
  const place = { cwd: project.folder, variables: { LANG: 'C.UTF-8' } }
  expect(await runCli(['apply', database.url], place)).toMatchObject({ exit: 0 })
  const { stdout } = await runCli(['check', database.url], place)
  const shown = stdout.split('\n').filter((line) => /^(object|public\.|holds)/.test(line))
  expect(shown).toHaveLength(4)
  for (const line of shown) expect(page).toContain(line.trimEnd())
})
