import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { applyPlan, makePlan } from 'watertight/migrate'
import type { Command, TenancyModel } from 'watertight/model'
import { parseModel } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { loadParser } from '../expr/index.js'
import { decide } from './decide.js'
import { tenantRead } from './properties/tenant-read.js'
import { tenantWrite } from './properties/tenant-write.js'
import { memoised } from './solver.js'
import { subjectOf } from './subject.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

/*
 * Members who are held to their own rows: the generated layer is proven to hold them, and what lets
 * one of them reach rows of another member of the same tenant is not.
 */

const schema = `
create schema desk;
create table desk.tenants (id uuid primary key);
create table desk.tasks (
  id uuid primary key,
  tenant_id uuid not null references desk.tenants,
  user_id uuid not null);
create table desk.notes (
  id uuid primary key,
  tenant_id uuid not null references desk.tenants,
  task_id uuid not null references desk.tasks,
  body text);`

let database: TestDatabase
let model: TenancyModel
let solver: ClosableSolver

beforeAll(async () => {
  await loadParser()
  solver = await openZ3({ timeoutMs: 60_000 })
  database = await createTestDatabase({ major: 18 })
  const { admin, rolePrefix } = database
  await admin.query(schema)
  model = parseModel({
    tenantKey: { table: 'desk.tenants', columnByTable: { 'desk.tenants': 'id' } },
    roles: { prefix: rolePrefix },
    schemas: ['desk'],
    include: ['composite-foreign-keys'],
    tables: {
      'desk.tenants': { scope: 'tenant', commands: ['SELECT'] },
      'desk.tasks': {
        scope: 'tenant',
        ownRows: { userColumn: 'user_id', unless: 'desk.supervise' },
      },
      'desk.notes': { scope: 'tenant', ownRows: { through: 'desk.tasks' } },
    },
  })
  await applyPlan(admin, await makePlan(admin, model), { allow: ['WIDENS_ACCESS'] })
})
afterAll(async () => {
  solver.close()
  await database.drop()
})

async function verdictOf(table: string, command: Command, change?: string): Promise<string> {
  const { admin } = database
  await admin.query('begin')
  try {
    if (change !== undefined) await admin.query(change)
    const subject = subjectOf(model, await readCatalog(admin, { schemas: 'all' }))
    const found = subject.tables.get(table)
    if (found === undefined) throw new Error(`no table ${table}`)
    const obligation = { table: found, role: model.roles.app, actor: model.roles.app, command }
    const property = command === 'INSERT' ? tenantWrite : tenantRead
    return (await decide(subject, property, obligation, memoised(solver))).verdict
  } finally {
    await admin.query('rollback')
  }
}

describe('rows of a member', () => {
  it('are planned once: the second plan is empty', async () => {
    expect((await makePlan(database.admin, model)).steps).toEqual([])
  })

  it.each<[string, Command]>([
    ['desk.tasks', 'SELECT'],
    ['desk.tasks', 'INSERT'],
    ['desk.notes', 'SELECT'],
    ['desk.notes', 'INSERT'],
  ])('of %s are proven to be kept from others: %s', async (table, command) => {
    expect(await verdictOf(table, command)).toBe('proven')
  })

  it.each<[string, string, Command, string]>([
    ['the policy', 'desk.tasks', 'SELECT', 'drop policy watertight_member_own on desk.tasks'],
    ['the policy', 'desk.notes', 'SELECT', 'drop policy watertight_member_own on desk.notes'],
    ['the policy', 'desk.notes', 'INSERT', 'drop policy watertight_member_own on desk.notes'],
    [
      'the right capability',
      'desk.tasks',
      'SELECT',
      `alter policy watertight_member_own on desk.tasks using (user_id = watertight.user_id()
         or (select watertight.has_capability('desk.read')))`,
    ],
    [
      'the check of new rows',
      'desk.tasks',
      'INSERT',
      'alter policy watertight_member_own on desk.tasks with check (true)',
    ],
    [
      'the owner of the parent',
      'desk.notes',
      'SELECT',
      `alter policy watertight_member_own on desk.notes
         using (exists (select from desk.tasks t where t.tenant_id = notes.tenant_id))`,
    ],
  ])('are not without %s of %s (%s)', async (_guard, table, command, change) => {
    expect(await verdictOf(table, command, change)).not.toBe('proven')
  })
})
