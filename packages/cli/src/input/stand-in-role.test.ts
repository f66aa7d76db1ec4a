import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import type { CliRun } from '../testing/run-cli.js'

// Each case starts a server of its own.
vi.setConfig({ testTimeout: 120_000 })

let project: Project

beforeEach(async () => {
  project = await createProject()
})

afterEach(() => project.remove())

/** Tables and policies as migrations hold them, where somebody else makes the role that logs in. */
const shipments = (condition: string): string => `
  create table shipments (id int primary key, tenant_id int not null, label text);
  alter table shipments enable row level security;
  create policy own on shipments using (${condition}) with check (${condition});`

const sound = `tenant_id = nullif(current_setting('app.tenant', true), '')::int`
const open = `tenant_id = coalesce(nullif(current_setting('app.tenant', true), '')::int, tenant_id)`

async function check(text: string): Promise<CliRun> {
  await project.write('schema.sql', text)
  return runCli(['check', 'schema.sql'], { cwd: project.folder })
}

describe('scripts that name no role', () => {
  it('are checked as a role that stands in for the application’s', async () => {
    const run = await check(shipments(open))
    expect(run.stderr).toContain('a role app_app that may use every table stands in')
    expect(run.stdout).toMatch(/public\.shipments +S! I! U! D!/)
    expect(run.exit).toBe(1)
  })

  it('whose policies hold are not accused', async () => {
    const run = await check(shipments(sound))
    expect(run.stdout).toMatch(/public\.shipments +S\+ I\+ U\+ D\+/)
    expect(run.exit).toBe(0)
  })

  it('are checked as the role that the declaration names', async () => {
    await project.write(
      'watertight.config.json',
      JSON.stringify({
        schemas: ['public'],
        tenantKey: { type: 'bigint' },
        context: { kind: 'guc', tenant: 'app.tenant' },
        roles: { app: 'web' },
        tables: { 'public.shipments': { scope: 'tenant' } },
      }),
    )
    const run = await check(shipments(open))
    expect(run.stderr).toContain('a role web that may use every table stands in')
    expect(run.exit).toBe(1)
  })

  it('show tenants through a view that runs as its owner', async () => {
    const run = await check(`${shipments(sound)} create view labels as select * from shipments;`)
    expect(run.stdout).toMatch(/public\.labels +S!/)
    expect(run.exit).toBe(1)
  })
})

describe('no role is made', () => {
  it.each([
    [
      'scripts grant something themselves',
      'create role clerk; grant select on shipments to clerk;',
      'clerk',
    ],
    [
      'a role that policies bind owns the tables',
      'create role keeper; alter table shipments owner to keeper; alter table shipments force row level security;',
      'keeper',
    ],
  ])('where %s', async (_name, more, role) => {
    const run = await check(`${shipments(sound)} ${more}`)
    expect(run.stderr).not.toContain('stands in for')
    expect(run.stderr).toContain(`roles: ${role} `)
    expect(run.stdout).toMatch(new RegExp(`^object +${role}`, 'm'))
  })

  it('where there is no policy that could hold', async () => {
    const run = await check('create table shipments (id int primary key, tenant_id int not null)')
    expect(run.stderr).not.toContain('stands in for')
    expect(run.exit).toBe(3)
  })

  it('on a database that is not a copy, and the report says what is missing', async () => {
    const database = await createTestDatabase()
    try {
      await database.admin.query(shipments(open))
      const run = await runCli(['check', database.url], { cwd: project.folder })
      expect(run.stderr).not.toContain('stands in for')
      expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain(
        'no runtime role exists whose rights could be looked at (public.shipments)',
      )
      expect(run.stdout).not.toContain('outside the schemas of the model')
      expect(run.exit).toBe(3)
    } finally {
      await database.drop()
    }
  })
})
