import type { CheckResult } from '@watertight/verifier'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let database: TestDatabase
let project: Project

beforeAll(async () => {
  database = await createTestDatabase()
  const app = `${database.rolePrefix}_app`
  await database.admin.query(
    sql`create role ${ident(app)};
      create schema app;
      create table app.notes (id uuid primary key, tenant_id uuid not null, slug text not null unique);
      alter table app.notes enable row level security, force row level security;
      create policy own on app.notes
        using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
      grant usage on schema app to ${ident(app)};
      grant select, insert on app.notes to ${ident(app)};`.text,
  )
  const none = { owner: null, migrator: null, public: null, auditor: null, worker: null }
  project = await createProject({
    schemas: ['app'],
    tenantKey: { column: 'tenant_id', type: 'uuid' },
    context: { kind: 'guc', tenant: 'app.tenant_id' },
    roles: { app, platform: null, ...none },
  })
})

afterAll(async () => {
  await project.remove()
  await database.drop()
})

async function checked(): Promise<{ exit: number; result: CheckResult }> {
  const args = ['check', database.url, '--two-world', '--no-live', '--format', 'json']
  const { exit, stdout } = await runCli(args, { cwd: project.folder })
  return { exit, result: JSON.parse(stdout) as CheckResult }
}

describe('check --two-world', () => {
  it('says that it was not possible while others are connected, and does not end with 0', async () => {
    const { exit, result } = await checked()
    expect(exit).toBe(3)
    expect(result.stages.at(-1)).toMatchObject({ stage: 'two-worlds', state: 'impossible' })
    expect(result.stages.at(-1)?.reason).toContain('other sessions are connected to it')
  })

  it('finds what one tenant learns of another in copies, and drops them', async () => {
    await database.admin.end()
    const { result } = await checked()
    expect(result.stages.at(-1)).toEqual({ stage: 'two-worlds', state: 'ran', reason: '' })
    expect(result.findings.map(({ key }) => key)).toContain(
      `two-worlds-existence:app.notes:${database.rolePrefix}_app`,
    )
    const admin = await database.connect()
    const { rows } = await admin.query(
      `select from pg_database d join pg_shdepend s on s.dbid = d.oid
         join pg_roles r on r.oid = s.refobjid
       where d.datname ~ '^watertight_world_' and r.rolname = $1`,
      [`${database.rolePrefix}_app`],
    )
    expect(rows).toEqual([])
  })
})
