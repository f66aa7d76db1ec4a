import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

let database: TestDatabase
let project: Project

beforeAll(async () => {
  database = await createTestDatabase()
  project = await createProject(shopDeclaration(database.rolePrefix))
  const role = `${database.rolePrefix}_app`
  await database.admin.query(shopTables)
  await database.admin.query(
    `create role ${role} login; grant usage on schema app to ${role};
     grant select on app.invoices to ${role}`,
  )
})

afterAll(async () => {
  await project.remove()
  await database.drop()
})

/** Of the catalog alone, so that a run takes a moment. */
const check = (...flags: string[]): Promise<CliRun> =>
  runCli(['check', database.url, '--no-live', '--allow-unknown', ...flags], { cwd: project.folder })

const fileOf = (name: string): Promise<string> => readFile(join(project.folder, name), 'utf8')

describe('check', () => {
  it('writes several reports in one run, and only data on stdout', async () => {
    const run = await check(
      '--format',
      'sarif',
      '--report',
      'html=evidence.html',
      '--report',
      'junit=junit.xml',
      '--report',
      'pretty=check.txt',
      '--report',
      'markdown=pr.md',
    )
    expect(run.exit).toBe(1)
    const [{ results }] = JSON.parse(run.stdout).runs
    const flagged = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'rls-disabled')
    // The configuration stands for a database, which has no file.
    expect(flagged.locations[0].physicalLocation.artifactLocation.uri).toBe(
      'watertight.config.json',
    )
    expect(await fileOf('evidence.html')).toContain('<h1>Tenant isolation: evidence</h1>')
    expect(await fileOf('junit.xml')).toContain('<testsuites name="watertight check"')
    expect(await fileOf('pr.md')).toContain('does not hold')
    const text = await fileOf('check.txt')
    expect(text).toContain('error[rls-disabled]: app.invoices')
    expect(text).not.toContain('\u001B')
    expect(run.stderr).toMatch(/wrote html to .*evidence\.html/)
  })

  it('shows every way to tenant data with --graph, and writes to --out instead of stdout', async () => {
    const run = await check('--graph', '--out', 'all.txt')
    expect(run.stdout).toBe('')
    const text = await fileOf('all.txt')
    expect(text).toMatch(/\d+ sources? of tenant data, \d+ behind proven gates, \d+ listed/)
    expect(text).toContain('listed table app.invoices')
  })

  it.each([
    [['--report', 'pdf=x.pdf'], 'is FORMAT=FILE'],
    [['--report', 'html'], 'is FORMAT=FILE'],
    [['--report', 'html=a', '--report', 'junit=a'], 'is named for two reports'],
    [['--report', 'html=missing/a.html'], 'there is no folder'],
    [['--baseline', 'nothing.json'], 'nothing.json'],
  ])('refuses %j before it looks at the database', async (flags, message) => {
    const run = await check(...flags)
    expect(run).toMatchObject({ exit: 64, stdout: '' })
    expect(run.stderr).toContain(message)
  })

  it('takes a baseline, lists what it knows, and fails for what is new', async () => {
    const written = await check('--write-baseline')
    expect(written.stderr).toMatch(
      /wrote \d+ findings? to the baseline .*watertight\.baseline\.json/,
    )
    expect(written.exit).toBe(0)
    const known = await check('--baseline', 'watertight.baseline.json')
    expect(known.exit).toBe(0)
    expect(known.stdout).toContain('error in the baseline rls-disabled:app.invoices')
    expect(known.stdout).not.toContain('\nholds')
    await database.admin.query(`grant select on app.lines to ${database.rolePrefix}_app`)
    const grown = await check('--baseline', 'watertight.baseline.json')
    expect(grown.exit).toBe(1)
    expect(grown.stdout).toContain('error[rls-disabled]: app.lines')
    await writeFile(join(project.folder, 'other.json'), '{"findings": []}')
    const wrong = await check('--baseline', 'other.json')
    expect(wrong).toMatchObject({ exit: 64, stdout: '' })
  })

  it('refuses a configuration that accepts a finding for more than half a year, with its path', async () => {
    const ahead = (days: number): string =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const accept = (until: string): Promise<string> =>
      project.write(
        'watertight.config.json',
        JSON.stringify({
          ...shopDeclaration(database.rolePrefix),
          accept: [{ key: 'rls-disabled:app.invoices', reason: 'moves in spring', until }],
        }),
      )
    await accept(ahead(200))
    const refused = await check()
    expect(refused).toMatchObject({ exit: 64, stdout: '' })
    expect(refused.stderr).toContain('accept[0].until')
    await accept(ahead(20))
    expect((await check()).stdout).toMatch(/error accepted until .* moves in spring/)
    await accept('2020-01-01')
    const back = await check()
    expect(back.stdout).toContain('warning[accept-expired]')
    expect(back.stdout).toContain('error[rls-disabled]: app.invoices')
  })
})
