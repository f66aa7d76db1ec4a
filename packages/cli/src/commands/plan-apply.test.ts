import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { catalogHash, readCatalog } from 'watertight/catalog'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

let database: TestDatabase
let project: Project

beforeEach(async () => {
  database = await createTestDatabase()
  await database.admin.query(shopTables)
  project = await createProject(shopDeclaration(database.rolePrefix))
})

afterEach(async () => {
  await project.remove()
  await database.drop()
})

const cli = (...args: string[]): Promise<CliRun> =>
  runCli(args, { cwd: project.folder, variables: { DATABASE_URL: database.url } })

const catalog = async (): Promise<string> =>
  catalogHash(await readCatalog(database.admin, { schemas: 'all' }))

describe('plan, apply, status and rollback', () => {
  it('go from pending to in place, to drifted, and back to what was there before', async () => {
    const before = await catalog()
    const planned = await cli('plan')
    expect(planned.exit).toBe(2)
    expect(planned.stdout).toMatch(/app\.invoices +.*policies, row security/)
    expect(planned.stdout).toMatch(/\d+ steps pending/)
    expect(await catalog()).toBe(before)
    expect((await cli('status')).exit).toBe(2)

    const applied = await cli('apply')
    expect(applied).toMatchObject({ exit: 0 })
    expect(applied.stdout).toMatch(/^ok applied \d+ steps to /)
    expect(applied.stderr).toContain('there is no signing key yet')
    expect(await cli('plan')).toMatchObject({ exit: 0 })
    expect((await cli('apply')).stdout).toContain('nothing to do')
    expect(await cli('status')).toMatchObject({ exit: 0 })

    await database.admin.query('alter table app.invoices no force row level security')
    const drifted = await cli('status')
    expect(drifted.exit).toBe(1)
    expect(drifted.stdout).toContain('drift: enable and force row level security on app.invoices')
    const stale = await cli('rollback', '--allow', 'DISABLES_RLS')
    expect(stale.exit).toBe(4)
    expect(stale.stderr).toContain('error[STALE_PLAN]')
    await database.admin.query('alter table app.invoices force row level security')

    const refused = await cli('rollback')
    expect(refused.exit).toBe(4)
    expect(refused.stderr).toContain('error[CONSENT_REQUIRED]')
    expect(refused.stderr).toMatch(/next: .* add: .*--allow DISABLES_RLS:app\.invoices/)
    const { error } = JSON.parse((await cli('rollback', '--format', 'json')).stdout)
    const names: string[] = error.problems.map(({ path }: { path: string }) => path)
    const flags = names.flatMap((name) => ['--allow', name])
    const undone = await cli('rollback', ...flags)
    expect(undone).toMatchObject({ exit: 0 })
    expect(await catalog()).toBe(before)
    expect((await cli('rollback')).stderr).toContain('error[NOTHING_TO_ROLL_BACK]')
  })

  it('write files that apply verbatim, and refuse them once the database has changed', async () => {
    const planned = await cli('plan', '--out', 'migrations', '--format', 'json')
    expect(planned.exit).toBe(2)
    const names = await readdir(join(project.folder, 'migrations'))
    expect(names).toEqual([
      '0001_watertight.down.sql',
      '0001_watertight.plan.json',
      '0001_watertight.up.sql',
    ])
    const path = join(project.folder, 'migrations/0001_watertight.plan.json')
    const written: unknown = JSON.parse(await readFile(path, 'utf8'))
    expect(JSON.parse(planned.stdout)).toMatchObject(written as object)

    await database.admin.query('alter table app.plans add column price numeric')
    const changed = await catalog()
    const stale = await cli('apply', '--plan', path)
    expect(stale).toMatchObject({ exit: 4, stdout: '' })
    expect(stale.stderr).toContain('error[STALE_PLAN]')
    expect(await catalog()).toBe(changed)

    await cli('plan', '--out', 'migrations')
    expect(await readdir(join(project.folder, 'migrations'))).toHaveLength(6)
    const fresh = join(project.folder, 'migrations/0002_watertight.plan.json')
    expect(await cli('apply', '--plan', fresh)).toMatchObject({ exit: 0 })
    expect(await cli('plan')).toMatchObject({ exit: 0 })
  })

  it('refuse a plan that was made for another database', async () => {
    await cli('plan', '--out', 'migrations')
    const other = await createTestDatabase()
    try {
      await other.admin.query(shopTables)
      const path = 'migrations/0001_watertight.plan.json'
      const foreign = await cli('apply', other.url, '--plan', path)
      expect(foreign.exit).toBe(4)
      expect(foreign.stderr).toContain('error[FOREIGN_PLAN]')
    } finally {
      await other.drop()
    }
  })

  it('write a migration that runs on a database of another name, such as staging', async () => {
    await cli('plan', '--out', 'migrations')
    const migration = await readFile(
      join(project.folder, 'migrations/0001_watertight.up.sql'),
      'utf8',
    )
    const staging = await createTestDatabase()
    try {
      await staging.admin.query(shopTables)
      await staging.admin.query(migration)
      expect(await cli('status', staging.url)).toMatchObject({ exit: 0 })
    } finally {
      await staging.drop()
    }
  })

  it('do not apply a hazard that a configuration file or --yes would have to consent to', async () => {
    await database.admin.query('create policy watertight_old on app.invoices using (true)')
    const before = await catalog()
    const refused = await cli('apply', '--yes')
    expect(refused.exit).toBe(4)
    expect(refused.stderr).toMatch(/next: .*--allow DROPS_POLICY:app\.invoices/)
    expect(await catalog()).toBe(before)
    expect(await cli('apply', '--allow', 'DROPS_POLICY:app.invoices')).toMatchObject({ exit: 0 })
  })

  it('plan optional groups only when asked, and know their names', async () => {
    const wrong = await cli('plan', '--include', 'composite-foreign-key')
    expect(wrong.exit).toBe(64)
    expect(wrong.stderr).toContain('did you mean composite-foreign-keys?')
    const some = JSON.parse((await cli('plan', '--format', 'json')).stdout)
    const more = JSON.parse(
      (await cli('plan', '--format', 'json', '--include', 'composite-foreign-keys')).stdout,
    )
    expect(more.steps.length + more.optional.length).toBe(some.steps.length + some.optional.length)
  })

  it('print one JSON document on stdout and everything else on stderr', async () => {
    const failed = await cli('rollback', '--format', 'json')
    expect(failed.exit).toBe(4)
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'NOTHING_TO_ROLL_BACK' } })
    const applied = await cli('apply', '--format', 'json')
    expect(JSON.parse(applied.stdout)).toMatchObject({ schema: 'watertight.apply/1', id: '1' })
    expect(applied.stderr).toContain('[1/')
    const status = JSON.parse((await cli('status', '--format', 'json')).stdout)
    expect(status).toMatchObject({ drift: [], pending: [], applied: [{ id: '1' }] })
  })

  it('keep signing keys: shown once, listed without secret, retired and revoked', async () => {
    const early = await cli('keys', 'list')
    expect(early.exit).toBe(64)
    expect(early.stderr).toContain('has no table watertight.signing_keys')
    await cli('apply')
    const added = await cli('keys', 'add', '--kid', 'k1')
    expect(added.stdout).toMatch(/^WATERTIGHT_SIGNING_KEY=k1:[\w-]{43}\n$/)
    expect((await cli('keys', 'add', '--kid', 'k1')).stderr).toContain('there is a key k1 already')
    expect(await cli('keys', 'add', '--out', '.env')).toMatchObject({ exit: 0 })
    const listed = await cli('keys', 'list')
    expect(listed.stdout).toContain('k1  made')
    expect(listed.stdout).not.toContain(added.stdout.slice(30, 60))
    expect((await cli('keys', 'retire', 'k1')).exit).toBe(64)
    expect((await cli('keys', 'retire', 'k1', '--after', '1h')).stdout).toContain('verifies until')
    expect((await cli('keys', 'revoke', 'k1')).exit).toBe(0)
    expect((await cli('keys', 'revoke', 'k1')).exit).toBe(64)
  })
})
