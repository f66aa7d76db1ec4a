import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Project } from '../../packages/cli/src/testing/project.js'
import { createProject } from '../../packages/cli/src/testing/project.js'
import type { CliRun } from '../../packages/cli/src/testing/run-cli.js'
import { runCli } from '../../packages/cli/src/testing/run-cli.js'
import type { TestDatabase } from '../../test/database.js'
import { createTestDatabase } from '../../test/database.js'

const folder = fileURLToPath(new URL('./', import.meta.url))
const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

let page: string
let database: TestDatabase
let project: Project

/** A database of the page's tables, and its declaration with roles of this test. */
beforeAll(async () => {
  page = await read('../../docs/getting-started.md')
  database = await createTestDatabase()
  await database.admin.query(await read('./migrations/0001_tables.sql'))
  project = await createProject()
  const declared = await read('./watertight.config.ts')
  await project.write(
    'watertight.config.ts',
    declared.replace("prefix: 'app'", `prefix: '${database.rolePrefix}'`),
  )
})
afterAll(async () => {
  await project.remove()
  await database.drop()
})

const onServer = (...args: string[]): Promise<CliRun> =>
  runCli([...args, database.url], { cwd: project.folder })

it('the page shows the declaration that is here', async () => {
  expect(page).toContain(await read('./watertight.config.ts'))
})

it('init says of the tables what the page says', async () => {
  const run = await runCli(['init', 'migrations', '--dry-run'], { cwd: folder })
  expect(run.exit).toBe(3)
  const said = run.stderr.split('\n').filter((line) => /^(ok|\?) |tables classified/.test(line))
  expect(said).toHaveLength(4)
  for (const line of said) expect(page).toContain(line.replace(/^ok /, '✓ '))
})

it('dev applies as many steps as the page says', async () => {
  const args = ['dev', '--migrations', 'migrations', '--ephemeral', '--once']
  const run = await runCli(args, { cwd: folder })
  expect(run.exit).toBe(0)
  const [applied] = /applied \d+ steps of the isolation layer/.exec(run.stderr + run.stdout) ?? []
  expect(page).toContain(applied)
})

it('plan, apply and check name the hazards and figures of the page', async () => {
  const planned = await onServer('plan')
  const hazards = planned.stdout.split('\n').filter((line) => /^ {2}[A-Z_]+(:\S+)? {2}/.test(line))
  expect(hazards).toHaveLength(3)
  for (const line of hazards) expect(page).toContain(line)

  const allow = ['--allow', 'WIDENS_ACCESS:public.todo_lists']
  expect(await onServer('apply', ...allow)).toMatchObject({ exit: 0 })
  const checked = await onServer('check')
  expect(checked.exit).toBe(0)
  expect(page).toContain(checked.stdout.trim().split('\n').at(-1))
})
