import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTxManager, parseSigningKey, parseTenantContext } from 'watertight'
import { pgDriver } from 'watertight/pg'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { ServerMajor, TestDatabase } from '../../../../test/database.js'
import { announce } from '../../../../test/run-servers.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

const run = promisify(execFile)
const acme = '11111111-1111-4111-8111-111111111111'
const other = '22222222-2222-4222-8222-222222222222'

const major = await dumpableMajor()
let original: TestDatabase
let project: Project
let dump: string
let signingKey: string
const databases: TestDatabase[] = []

/** The newest server of this run that the installed pg_dump can read; says why where there is none. */
async function dumpableMajor(): Promise<ServerMajor | undefined> {
  let version: number
  try {
    const { stdout } = await run('pg_dump', ['--version'])
    version = Number(/(\d+)/.exec(stdout)?.[1])
  } catch {
    announce('tests: skipped with pg_dump, which scripts/install-tools.sh installs')
    return undefined
  }
  const found = serverMajors.filter((each) => each <= version).at(-1)
  if (found === undefined)
    announce(`tests: skipped with pg_dump ${version}, older than each server`)
  return found
}

const newDatabase = async (): Promise<TestDatabase> => {
  const made = await createTestDatabase(major === undefined ? {} : { major })
  databases.unshift(made)
  return made
}

const cli = (database: TestDatabase, ...args: string[]): Promise<CliRun> =>
  runCli(args, { cwd: project.folder, variables: { DATABASE_URL: database.url } })

describe.skipIf(major === undefined)('a dump of a protected database', () => {
  beforeAll(async () => {
    original = await newDatabase()
    await original.admin.query(shopTables)
    await original.admin.query("insert into app.tenants values ($1, 'Acme'), ($2, 'Other')", [
      acme,
      other,
    ])
    await original.admin.query(
      'insert into app.invoices (tenant_id, amount) select id, 10 from app.tenants',
    )
    project = await createProject(shopDeclaration(original.rolePrefix))
    await cli(original, 'apply')
    signingKey = (await cli(original, 'keys', 'add')).stdout
    dump = join(project.folder, 'shop.dump')
    await run('pg_dump', ['--format=custom', `--file=${dump}`, original.url])
  }, 120_000)

  afterAll(async () => {
    await project.remove()
    // The roles go with the first one, when nothing depends on them any more.
    for (const database of databases) await database.drop()
  })

  it('restores with policies in place; apply closes what is in no dump of a database', async () => {
    const restored = await newDatabase()
    await run('pg_restore', ['--exit-on-error', `--dbname=${restored.url}`, dump])

    const drifted = await cli(restored, 'status')
    expect(drifted.exit).toBe(1)
    expect(drifted.stdout).toContain('drift: revoke TEMPORARY on database')
    expect(await cli(restored, 'apply')).toMatchObject({ exit: 0 })
    expect(await cli(restored, 'status')).toMatchObject({ exit: 0 })
    const checked = await cli(restored, 'check', '--no-live')
    expect(checked.stdout).toMatch(/holds: 0 errors, .* 0 leaking, 0 unknown/)
    expect(checked.exit).toBe(0)

    // Contexts that were signed for the original are good here as well, and for their tenant alone.
    const pool = new pg.Pool({ connectionString: restored.urlFor(`${original.rolePrefix}_app`) })
    try {
      const key = parseSigningKey(/=?'?([\w-]+:[\w-]+)/.exec(signingKey)?.[1])
      const tx = createTxManager({ pools: { app: pgDriver(pool) }, signingKey: key })
      const context = parseTenantContext({ mode: 'member', tenantId: acme, userId: other })
      const { rows } = await tx.query(context, 'select tenant_id from app.invoices')
      expect(rows).toEqual([{ tenant_id: acme }])
      expect((await pool.query('select * from app.invoices')).rows).toEqual([])
    } finally {
      await pool.end()
    }
  }, 120_000)

  it('restores closed without owners and privileges, and apply opens it again', async () => {
    const restored = await newDatabase()
    await run('pg_restore', ['--no-owner', '--no-acl', `--dbname=${restored.url}`, dump])
    const app = await restored.connect(`${original.rolePrefix}_app`)
    await expect(app.query('select * from app.invoices')).rejects.toMatchObject({ code: '42501' })
    const checked = await cli(restored, 'check', '--no-live')
    expect(checked.stdout).not.toMatch(/^holds/m)
    expect(checked.exit).not.toBe(0)
    expect(await cli(restored, 'apply')).toMatchObject({ exit: 0 })
    expect(await cli(restored, 'status')).toMatchObject({ exit: 0 })
  }, 120_000)

  it('fails as the owner of a table, whom FORCE binds, and is empty when row security is on', async () => {
    const owner = `${original.rolePrefix}_table_owner`
    const role = ident(owner)
    await original.admin.query(sql`create role ${role} login`.text)
    await original.admin.query(sql`grant usage on schema app to ${role}`.text)
    await original.admin.query(sql`alter table app.invoices owner to ${role}`.text)
    const asOwner = [original.urlFor(owner), '--table=app.invoices', '--data-only']

    await expect(run('pg_dump', asOwner)).rejects.toMatchObject({
      stderr: expect.stringContaining('would be affected by row-level security policy') as string,
    })
    const { stdout } = await run('pg_dump', [...asOwner, '--enable-row-security'])
    expect(stdout).toContain('COPY app.invoices')
    expect(stdout).not.toContain(acme)
  })
})
