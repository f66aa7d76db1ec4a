import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addSigningKey } from 'watertight/migrate'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { isGenuineReport } from 'watertight/tenants'
import type { ErasureReport } from 'watertight/tenants'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

const acme = '00000000-0000-4000-8000-00000000000a'
const globex = '00000000-0000-4000-8000-00000000000b'
const key = generateSigningKey()

let database: TestDatabase
let project: Project

beforeAll(async () => {
  database = await createTestDatabase()
  const { admin, rolePrefix } = database
  await admin.query(shopTables)
  project = await createProject(shopDeclaration(rolePrefix))
  await cli('apply')
  await addSigningKey(admin, key)
  await admin.query(`
    insert into app.tenants values ('${acme}', 'Acme Ltd'), ('${globex}', 'Globex');
    insert into app.invoices (tenant_id, amount) select id, n from app.tenants, generate_series(1, 3) n;
    insert into app.lines (invoice_id, text) select id, 'line of ' || tenant_id from app.invoices;
    create table public.holds (tenant_id uuid, reason text, released_at timestamptz);
    insert into public.holds values ('${globex}', 'case 7', null)`)
})
afterAll(async () => {
  await project.remove()
  await database.drop()
})

function cli(...args: string[]): Promise<CliRun> {
  return runCli(args, {
    cwd: project.folder,
    variables: { DATABASE_URL: database.url, WATERTIGHT_SIGNING_KEY: formatSigningKey(key) },
  })
}

describe('tenants export', () => {
  it('writes the rows of one tenant, as its worker role', async () => {
    const worker = database.urlFor(`${database.rolePrefix}_worker`)
    const { exit, stdout } = await cli('tenants', 'export', acme, '--url', worker, '--out', 'acme')
    expect(stdout).toMatch(/^wrote 7 rows of 3 tables to /)
    expect(exit).toBe(0)
    const lines = await readFile(join(project.folder, 'acme', 'app.lines.jsonl'), 'utf8')
    expect(lines.split('\n')).toHaveLength(4)
    expect(lines).not.toContain(globex)
  })

  it('is refused as a role that sees more than one tenant', async () => {
    const { exit, stderr } = await cli('tenants', 'export', acme, '--out', 'all')
    expect(stderr).toContain('error[UNSAFE_ROLE]')
    expect(exit).toBe(1)
  })
})

describe('tenants erase', () => {
  const noHolds = '--no-legal-holds'

  it.each<[string, string[], number, string]>([
    ['without its name', [acme, noHolds], 4, 'CONSENT_REQUIRED'],
    ['with another name', [acme, noHolds, '--confirm', 'Acme'], 4, 'CONSENT_REQUIRED'],
    ['of nobody', ['00000000-0000-4000-8000-00000000000c', noHolds], 1, 'NOT_FOUND'],
    ['without a word on legal holds', [acme, '--confirm', 'Acme Ltd'], 64, 'USAGE'],
    [
      'under legal hold',
      [globex, '--confirm', 'Globex', '--hold-table', 'public.holds'],
      4,
      'LEGAL_HOLD',
    ],
    ['that leaves rows behind', [globex, '--confirm', 'Globex', noHolds], 1, 'ERASURE_INCOMPLETE'],
  ])('%s erases nothing', async (_what, args, code, error) => {
    const { exit, stderr } = await cli('tenants', 'erase', ...args)
    expect(stderr).toContain(`error[${error}]`)
    expect(exit).toBe(code)
    const { rows } = await database.admin.query('select from app.tenants')
    expect(rows).toHaveLength(2)
  })

  it('counts in a dry run, and then erases with a report', async () => {
    const dry = await cli('tenants', 'erase', acme, noHolds, '--dry-run')
    expect(dry.stdout).toContain('7 rows of Acme Ltd would be erased; nothing was changed')
    const args = ['--confirm', 'Acme Ltd', '--hold-table', 'public.holds', '--out', 'erased.json']
    const { exit, stdout } = await cli('tenants', 'erase', acme, ...args)
    expect(stdout).toContain('erased 7 rows of Acme Ltd; none is left in')
    expect(exit).toBe(0)
    const text = await readFile(join(project.folder, 'erased.json'), 'utf8')
    expect(isGenuineReport(JSON.parse(text) as ErasureReport)).toBe(true)
    const { rows } = await database.admin.query<{ text: string }>('select text from app.lines')
    expect(rows.map((row) => row.text)).toEqual(
      Array.from({ length: 3 }, () => `line of ${globex}`),
    )
  })
})
