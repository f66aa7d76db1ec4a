import { afterEach, beforeEach, expect, it } from 'vitest'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'

let project: Project
let database: TestDatabase

beforeEach(async () => {
  project = await createProject()
  database = await createTestDatabase()
})

afterEach(async () => {
  await project.remove()
  await database.drop()
})

it('init declares the role that policies let in, and asks what another one is for', async () => {
  const [member, guest] = [`${database.rolePrefix}_member`, `${database.rolePrefix}_guest`]
  await database.admin.query(`
    create role ${member}; create role ${guest};
    create table berths (id int primary key, tenant_id uuid not null);
    alter table berths enable row level security;
    create policy own on berths to ${member} using (tenant_id = current_setting('app.tenant', true)::uuid);
    grant select on berths to ${member}; grant select, insert on berths to ${guest};`)
  const run = await runCli(['init', database.url], { cwd: project.folder })
  expect(run.exit).toBe(0)
  const open = `${guest} may use tables too: it is not checked unless you declare it as public or worker`
  expect(run.stderr).toContain(`? roles: ${open}`)
  const text = await readFile(join(project.folder, 'watertight.config.ts'), 'utf8')
  expect(text).toContain(`roles: { app: '${member}' },\n  // ${open}\n`)
})
