import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { DiffResult } from '@watertight/verifier'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

const run = promisify(execFile)

// Each side is a server of its own.
vi.setConfig({ testTimeout: 180_000 })

let project: Project

beforeEach(async () => {
  project = await createProject()
})
afterEach(() => project.remove())

const cli = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: project.folder })

const tables = `
  create role shop_app;
  create table notes (id int primary key, tenant_id text not null, done boolean not null);
  grant select on notes to shop_app;
  alter table notes enable row level security;
`
const tight = `create policy p on notes to shop_app
  using (tenant_id = current_setting('app.tenant_id', true) and done);`

it('compares a folder of migrations with what git has of it, for a pull request', async () => {
  await project.write('0001.sql', tables + tight)
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-C', project.folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
  await git('init', '-q')
  await git('add', '.')
  await git('commit', '-qm', 'first')
  await project.write(
    '0002.sql',
    `alter policy p on notes using (tenant_id = current_setting('app.tenant_id', true) or done);`,
  )
  const markdown = await cli('diff', '--from-ref', 'HEAD', '.', '--format', 'markdown')
  expect(markdown.exit).toBe(1)
  expect(markdown.stdout).toContain('| **wider** | <code>public.notes</code> |')
  expect(markdown.stdout).toContain('seen on both servers')

  const nowhere = await cli('diff', '--from-ref', 'nowhere', '.')
  expect(nowhere).toMatchObject({ exit: 64, stdout: '' })
  expect(nowhere.stderr).toContain('git has no')
})

it('sees no difference where only the text differs, and needs two sides', async () => {
  const [left, right] = [await createTestDatabase(), await createTestDatabase()]
  try {
    const role = `${left.rolePrefix}_app`
    const named = (text: string): string => text.replaceAll('shop_app', role)
    await left.admin.query(named(tables + tight))
    await right.admin.query(
      named(`${tables.replace(/create role.*;/, '')} create policy q on notes to shop_app
        using (done and current_setting('app.tenant_id', true) = tenant_id);`),
    )
    const json = await cli('diff', left.url, right.url, '--format', 'json')
    expect(json.exit).toBe(0)
    const result = JSON.parse(json.stdout) as DiffResult
    expect(result.schema).toBe('watertight.diff/1')
    expect(result.cells.filter((cell) => cell.role === role)).toMatchObject([{ verdict: 'same' }])
    const pretty = await cli('diff', left.url, right.url)
    expect(pretty.stdout.trimEnd().split('\n').at(-1)).toMatch(/^no difference: 0 wider/)
    expect(await cli('diff', left.url)).toMatchObject({ exit: 64, stdout: '' })
    expect((await cli('dif', left.url)).stderr).toContain('did you mean diff')
  } finally {
    await right.drop()
    await left.drop()
  }
})
