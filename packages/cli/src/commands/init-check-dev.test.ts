import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

const migrations = fileURLToPath(new URL('../../../../apps/platform/migrations', import.meta.url))

// Several tests start servers of their own.
vi.setConfig({ testTimeout: 180_000 })

let project: Project

beforeEach(async () => {
  project = await createProject()
})

afterEach(() => project.remove())

const cli = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: project.folder })

const config = (): Promise<string> => readFile(join(project.folder, 'watertight.config.ts'), 'utf8')

describe('init', () => {
  it('infers scopes, parents, users and org units, and leaves to people what it cannot tell', async () => {
    const made = await cli('init', migrations)
    expect(made).toMatchObject({ exit: 3, stdout: '' })
    const text = await config()
    expect(text).toContain(
      "tenantKey: { table: 'core.tenants', columnByTable: { 'core.tenants': 'id' } }",
    )
    expect(text).toContain("orgUnits: { table: 'core.org_units' }")
    expect(text).toContain("'evt.events': { scope: 'org' }")
    expect(text).toContain("'media.variants': { scope: 'tenant', through: 'media.files' }")
    expect(text).toMatch(/'core\.users': \{ scope: 'self', userColumn: 'id', sharedThrough/)
    expect(text).toContain("// 'sec.frameworks': { scope: 'global' }")
    expect(text).not.toMatch(/^ *'[\w.]+': \{ scope: 'global'/m)

    const again = await cli('init', migrations)
    expect(again.exit).toBe(64)
    expect(again.stderr).toMatch(/watertight\.config\.ts is there already.*--force/s)
    expect(await config()).toBe(text)

    const dev = await cli('dev', '--migrations', migrations, '--ephemeral', '--once')
    expect(dev.exit).toBe(0)
    expect(dev.stdout).toMatch(/^export DATABASE_URL='postgres:\/\/app_app@127\.0\.0\.1/m)
    expect(dev.stdout).toMatch(/^export WATERTIGHT_SIGNING_KEY='k\w+:[\w-]{43}'/m)
  })

  it('says when there is nothing to infer from, and writes nothing', async () => {
    const database = await createTestDatabase()
    try {
      await database.admin.query('create table notes (id int)')
      const run = await cli('init', database.url)
      expect(run).toMatchObject({ exit: 64, stdout: '' })
      expect(run.stderr).toContain('no table with a tenant column was found')
      await expect(config()).rejects.toMatchObject({ code: 'ENOENT' })
    } finally {
      await database.drop()
    }
  })

  it('quotes hostile names so that the file still loads and says what they are', async () => {
    const hostile = `'}); process.exit(0); //`
    await project.write(
      'hostile.sql',
      `create table public."${hostile}" (tenant_id uuid not null); create table "a\\b"(tenant_id uuid not null);
       create table "*/ odd\u2028" (id int)`,
    )
    expect((await cli('init', 'hostile.sql')).exit).toBe(3)
    const planned = await cli('dev', '--ephemeral', '--once', '--migrations', '.')
    expect(planned.stderr).toContain('applied ')
    expect(planned.exit).toBe(0)
  })
})

describe('check', () => {
  it('of a schema without isolation finds the leak, by catalog and by attack', async () => {
    const database = await createTestDatabase()
    try {
      const role = `${database.rolePrefix}_app`
      await database.admin.query(shopTables)
      await database.admin.query(
        `create role ${role} login;
         grant usage on schema app to ${role}; grant all on all tables in schema app to ${role}`,
      )
      const run = await runCli(['check', database.url, '--format', 'json'], { cwd: project.folder })
      expect(run.exit).toBe(1)
      const result = JSON.parse(run.stdout)
      expect(result.schema).toBe('watertight.check/1')
      expect(result.model.inferred).toContain('tenantKey')
      expect(result.summary.leak).toBeGreaterThan(0)
      expect(result.findings.map(({ rule }: { rule: string }) => rule)).toContain('rls-disabled')
      expect(run.stderr).toContain('the model is inferred')

      const still = await runCli(['check', database.url, '--no-live'], { cwd: project.folder })
      expect(still.exit).toBe(1)
    } finally {
      await database.drop()
    }
  })

  it('of the applied layer holds, and no longer does when one table loses it', async () => {
    const database = await createTestDatabase()
    const shop = await createProject(shopDeclaration(database.rolePrefix))
    const place = { cwd: shop.folder, variables: { DATABASE_URL: database.url } }
    try {
      await database.admin.query(shopTables)
      await runCli(['apply'], place)
      await runCli(['keys', 'add'], place)
      const held = await runCli(['check'], place)
      expect(held.stdout).toContain('holds: 0 errors')
      expect(held.exit).toBe(0)
      await database.admin.query('alter table app.invoices disable row level security')
      expect((await runCli(['check'], place)).exit).toBe(1)
    } finally {
      await shop.remove()
      await database.drop()
    }
  })

  it('of migrations alone says that nothing could be proven', async () => {
    const run = await cli('check', migrations)
    expect(run.exit).toBe(3)
    expect(run.stderr).toContain('not inferred: sec.frameworks')
  })
})

describe('dev', () => {
  it('loads each migration once, keeps the key, and refuses a changed file', async () => {
    const first = join(project.folder, '0001_shop.sql')
    await writeFile(first, shopTables)
    await project.write('watertight.config.json', JSON.stringify(shopDeclaration('shop')))
    const args = ['dev', '--migrations', '.', '--once', '--data-dir', 'local/postgres']
    const made = await cli(...args)
    expect(made).toMatchObject({ exit: 0 })
    expect(made.stderr).toContain('loaded 1 new migration\n')
    await writeFile(join(project.folder, '0002_more.sql'), 'create table app.more (id int);')
    const more = await cli(...args)
    expect(more.stderr).toContain('loaded 1 new migration\n')
    const keyOf = ({ stdout }: CliRun): string => /SIGNING_KEY='(.*)'/.exec(stdout)?.[1] ?? ''
    expect(keyOf(more)).toBe(keyOf(made))
    expect(keyOf(made)).not.toBe('')

    await writeFile(first, `${shopTables} -- edited`)
    const changed = await cli(...args)
    expect(changed.exit).toBe(64)
    expect(changed.stderr).toContain('0001_shop.sql changed after it was loaded')
    await writeFile(first, shopTables)
    await writeFile(join(project.folder, '0003_bad.sql'), 'create table app.x (id int); selec 1;')
    const bad = await cli(...args)
    expect(bad.exit).toBe(64)
    expect(bad.stderr).toContain('0003_bad.sql:1:30: syntax error')
    await writeFile(join(project.folder, '0003_bad.sql'), 'create table app.x (id int);')
    expect(await cli(...args)).toMatchObject({ exit: 0 })
  })

  interface RunningDev {
    readonly exit: Promise<number>
    readonly url: string
    stderr(): string
  }

  async function startDev(signal: AbortSignal): Promise<RunningDev> {
    await project.write('0001_shop.sql', shopTables)
    let stdout = ''
    let stderr = ''
    const { runProgram } = await import('../run-program.js')
    const { createScreen } = await import('../terminal/screen.js')
    const { Readable } = await import('node:stream')
    const exit = runProgram(['dev', '--migrations', '.', '--ephemeral'], {
      cwd: project.folder,
      variables: {},
      stdin: Readable.from([]),
      out: createScreen({ write: (text) => (stdout += text) }, {}),
      err: createScreen({ write: (text) => (stderr += text) }, {}),
      signal,
    })
    await expect.poll(() => stdout, { timeout: 120_000 }).toContain('DATABASE_URL_MIGRATOR')
    const url = /MIGRATOR='(.*)'/.exec(stdout)?.[1] ?? ''
    return { exit, url, stderr: () => stderr }
  }

  it('stays up until it is told to end, and is reachable meanwhile', async () => {
    const ending = new AbortController()
    const { exit, url } = await startDev(ending.signal)
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    expect((await client.query('select count(*)::int as n from app.plans')).rows).toEqual([
      { n: 0 },
    ])
    ending.abort()
    expect(await exit).toBe(0)
    await client.end().catch(() => undefined)
  })

  it('ends with what PostgreSQL said last when that ends by itself', async () => {
    const { exit, url, stderr } = await startDev(new AbortController().signal)
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    const asked = "select pg_read_file('postmaster.pid', 0, 20) as text"
    const { rows } = await client.query<{ text: string }>(asked)
    process.kill(parseInt(rows[0]?.text ?? '', 10), 'SIGTERM')
    // A smart shutdown waits for sessions.
    await client.end()
    expect(await exit).toBe(69)
    expect(stderr()).toMatch(/error\[EMBEDDED_POSTGRES_FAILED\]: PostgreSQL ended \(exit code 0\)/)
    expect(stderr()).toContain('database system is shut down')
  })
})
