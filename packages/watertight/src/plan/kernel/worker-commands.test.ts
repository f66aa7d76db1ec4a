import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenOf } from '../../../../../test/context-forgery.js'
import type { RawClaims } from '../../../../../test/context-forgery.js'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { addSigningKey, applyPlan, makePlan } from '../../migrate/index.js'
import { defineTenancy } from '../../model/index.js'
import type { TenancyModel } from '../../model/index.js'
import { generateSigningKey } from '../../runtime/index.js'

const schema = `
create schema core;
create table core.tenants (id uuid primary key, name text not null);
create table core.plans (
  id serial primary key, tenant_id uuid not null references core.tenants, name text not null);`

const first = '00000000-0000-4000-8000-000000000001'
const second = '00000000-0000-4000-8000-000000000002'
const fresh = '00000000-0000-4000-8000-000000000003'
const add = `insert into core.tenants (id, name) values ('${fresh}', 'new')`

const key = generateSigningKey()

describe('a table that jobs may do more with than members', () => {
  let database: TestDatabase
  let model: TenancyModel
  beforeAll(async () => {
    database = await createTestDatabase({ major: 18 })
    const { admin, rolePrefix } = database
    await admin.query(schema)
    model = defineTenancy({
      tenantKey: { table: 'core.tenants', columnByTable: { 'core.tenants': 'id' } },
      roles: { prefix: rolePrefix },
      schemas: ['core'],
      tables: {
        'core.tenants': {
          scope: 'tenant',
          commands: ['SELECT'],
          workerCommands: ['SELECT', 'INSERT'],
        },
        'core.plans': { scope: 'tenant', workerCommands: ['SELECT'] },
      },
    })
    await applyPlan(admin, await makePlan(admin, model), { allow: ['WIDENS_ACCESS'] })
    await addSigningKey(admin, key)
    await admin.query(`insert into core.tenants values ('${first}', 'a'), ('${second}', 'b')`)
    await admin.query(
      `insert into core.plans (tenant_id, name) values ('${first}', 'free'), ('${second}', 'x')`,
    )
  })
  afterAll(() => database.drop())

  /** Runs it and rolls back; the SQLSTATE of what was refused, else the number of rows. */
  async function attempt(
    role: 'app' | 'worker',
    claims: RawClaims,
    statement: string,
    before: readonly string[] = [],
  ): Promise<string | number | null> {
    const { admin } = database
    const token = tokenOf({ e: Math.floor(Date.now() / 1000) + 60, o: 'all', ...claims }, key)
    await admin.query('begin')
    try {
      for (const each of before) await admin.query(each)
      await admin.query(`set local role "${model.roles[role] ?? ''}"`)
      await admin.query(`select set_config('watertight.context', $1, true)`, [token])
      return (await admin.query(statement)).rowCount
    } catch (error) {
      return (error as pg.DatabaseError).code ?? null
    } finally {
      await admin.query('rollback')
    }
  }

  it('has a second plan that is empty', async () => {
    expect((await makePlan(database.admin, model)).steps).toEqual([])
  })

  it.each<[string, 'app' | 'worker', RawClaims, string, string | number]>([
    ['a job for it adds the tenant', 'worker', { m: 'worker', t: fresh }, add, 1],
    ['a job of another tenant does not', 'worker', { m: 'worker', t: first }, add, '42501'],
    ['a job of no tenant does not', 'worker', { m: 'worker' }, add, '42501'],
    ['a member of it does not', 'app', { m: 'member', t: fresh }, add, '42501'],
    ['a job on the role of members does not', 'app', { m: 'worker', t: fresh }, add, '42501'],
    ['a member on the role of jobs does not', 'worker', { m: 'member', t: fresh }, add, '42501'],
    [
      'a job changes no tenant',
      'worker',
      { m: 'worker', t: first },
      `update core.tenants set name = 'x'`,
      '42501',
    ],
    ['a member reads their own', 'app', { m: 'member', t: first }, 'select from core.tenants', 1],
    ['a job reads its own', 'worker', { m: 'worker', t: first }, 'select from core.plans', 1],
    ['a member still writes', 'app', { m: 'member', t: first }, 'delete from core.plans', 1],
    [
      'a job does not where members may',
      'worker',
      { m: 'worker', t: first },
      'delete from core.plans',
      '42501',
    ],
  ])('%s', async (_what, role, claims, statement, expected) => {
    expect(await attempt(role, claims, statement)).toBe(expected)
  })

  it('would let a job add other tenants without its guard and check', async () => {
    const open = [
      'drop policy watertight_worker_guard on core.tenants',
      'alter policy watertight_worker_insert on core.tenants with check (true)',
    ]
    expect(await attempt('worker', { m: 'worker', t: first }, add, open)).toBe(1)
  })
})
