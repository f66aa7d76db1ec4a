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
let owner: string

/** An application as most are: it logs in as the role that made its tables. */
beforeEach(async () => {
  project = await createProject()
  database = await createTestDatabase()
  owner = `${database.rolePrefix}_shop`
  await database.admin.query(`
    create role ${owner} login createrole;
    create schema shop authorization ${owner};
    set role ${owner};
    create table shop.accounts (id uuid primary key);
    create table shop.users (id uuid primary key);
    create table shop.memberships (account_id uuid not null references shop.accounts, user_id uuid not null references shop.users);
    create table shop.orders (id uuid primary key, account_id uuid not null references shop.accounts);
    create table shop.sessions (id text primary key, user_id uuid not null references shop.users);
    create table shop.visits (id int primary key, order_id uuid references shop.orders);
    create table shop.countries (code text primary key);
    reset role;`)
})

afterEach(async () => {
  await project.remove()
  await database.drop()
})

it('init has an application that logs in as the owner of its tables get roles of its own', async () => {
  const run = await runCli(['init', database.urlFor(owner)], { cwd: project.folder })
  expect(run.exit).toBe(3)
  expect(run.stderr).toContain(`${owner} owns the tables, and an owner can drop every policy`)
  const text = await readFile(join(project.folder, 'watertight.config.ts'), 'utf8')
  expect(text).toContain("roles: { prefix: 'app' }")
  expect(text).not.toContain('roles: { app:')
})

it('init suggests global for no table whose rows hang on others', async () => {
  const run = await runCli(['init', database.urlFor(owner), '--dry-run'], { cwd: project.folder })
  expect(run.stdout).toContain("// 'shop.sessions': { scope: 'self', userColumn: 'user_id' }, //")
  expect(run.stdout).toContain("// 'shop.visits': { scope: 'tenant' }, //")
  expect(run.stdout).toContain("// 'shop.countries': { scope: 'global' }, //")
})

it('plan refuses an isolation layer that would belong to the role it is to hold', async () => {
  await project.write(
    'owner.config.json',
    JSON.stringify({
      schemas: ['shop'],
      tenantKey: {
        column: 'account_id',
        table: 'shop.accounts',
        columnByTable: { 'shop.accounts': 'id' },
      },
      context: { kind: 'signed' },
      roles: { app: owner },
      tables: { 'shop.orders': { scope: 'tenant' } },
    }),
  )
  const args = ['plan', '--config', 'owner.config.json']
  const asOwner = await runCli([...args, database.urlFor(owner)], { cwd: project.folder })
  expect(asOwner.exit).toBe(64)
  expect(asOwner.stderr).toContain(
    `error[MODEL_MISMATCH]: roles.app: ${owner} would own the isolation layer`,
  )
  expect(asOwner.stderr).toContain(
    "next: Give the application a role of its own, roles: { prefix: 'app' } say",
  )
  const asAdmin = await runCli([...args, database.url], { cwd: project.folder })
  expect(asAdmin.exit).toBe(2)
})
