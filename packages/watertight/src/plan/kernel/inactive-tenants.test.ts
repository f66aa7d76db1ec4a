import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenOf } from '../../../../../test/context-forgery.js'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { addSigningKey, applyPlan, makePlan } from '../../migrate/index.js'
import { defineTenancy } from '../../model/index.js'
import type { TenancyModel } from '../../model/index.js'

const acme = '0195b4f0-0000-7000-8000-00000000000a'
const globex = '0195b4f0-0000-7000-8000-00000000000b'
const nobody = '0195b4f0-0000-7000-8000-00000000000c'
const key = { kid: 'k1', secret: Buffer.alloc(32, 3) }

const schema = `
create schema desk;
create type desk.state as enum ('active', 'suspended');
create table desk.tenants (id uuid primary key, status desk.state, closed_at timestamptz);
create table desk.notes (id int primary key, tenant_id uuid not null references desk.tenants);
insert into desk.tenants values ('${acme}', 'active'), ('${globex}', 'active');
insert into desk.notes values (1, '${acme}'), (2, '${globex}');`

const activeWhere = `status = 'active' and closed_at is null`

let database: TestDatabase
let app: pg.Client
let worker: pg.Client

function modelWith(change: object = {}): TenancyModel {
  return defineTenancy({
    schemas: ['desk'],
    tenantKey: {
      table: 'desk.tenants',
      columnByTable: { 'desk.tenants': 'id' },
      activeWhere,
      ...change,
    },
    roles: { prefix: database.rolePrefix },
    tables: {
      'desk.tenants': { scope: 'tenant', workerCommands: ['SELECT', 'INSERT', 'UPDATE'] },
      'desk.notes': { scope: 'tenant' },
    },
  })
}

async function applyModel(model: TenancyModel): Promise<void> {
  await applyPlan(database.admin, await makePlan(database.admin, model), {
    allow: ['WIDENS_ACCESS', 'DROPS_POLICY'],
  })
}

beforeAll(async () => {
  database = await createTestDatabase()
  await database.admin.query(schema)
  await applyModel(modelWith())
  await addSigningKey(database.admin, key)
  const roles = ['app', 'worker'].map((mode) => `${database.rolePrefix}_${mode}`)
  ;[app, worker] = (await Promise.all(roles.map((role) => database.connect(role)))) as [
    pg.Client,
    pg.Client,
  ]
})
afterAll(() => database.drop())

async function enter(client: pg.Client, mode: 'member' | 'worker', tenant: string): Promise<void> {
  const e = Math.floor(Date.now() / 1000) + 600
  await client.query('rollback; begin')
  const token = tokenOf({ m: mode, e, t: tenant }, key)
  await client.query(`select set_config('watertight.context', $1, true)`, [token])
}

async function notesOf(client: pg.Client): Promise<readonly number[]> {
  const { rows } = await client.query<{ id: number }>('select id from desk.notes order by 1')
  return rows.map(({ id }) => id)
}

async function setTenant(change: string): Promise<void> {
  await database.admin.query(`update desk.tenants set ${change} where id = '${acme}'`)
}

describe('a tenant that does not meet activeWhere', () => {
  it.each([`status = 'suspended'`, 'closed_at = now()', 'status = null'])(
    'is closed to its members from the next statement on, with %s, and to them alone',
    async (change) => {
      await enter(app, 'member', acme)
      expect(await notesOf(app)).toEqual([1])
      await setTenant(change)
      expect(await notesOf(app)).toEqual([])
      expect((await app.query('update desk.notes set id = id')).rowCount).toBe(0)
      await app.query('savepoint write')
      const insert = `insert into desk.notes values (3, '${acme}')`
      await expect(app.query(insert)).rejects.toMatchObject({ code: '42501' })
      await app.query('rollback to write')
      expect((await app.query('select watertight.tenant_id() as id')).rows).toEqual([{ id: null }])
      await enter(app, 'member', globex)
      expect(await notesOf(app)).toEqual([2])
      await setTenant(`status = 'active', closed_at = null`)
      await enter(app, 'member', acme)
      expect(await notesOf(app)).toEqual([1])
      await app.query('rollback')
    },
  )

  it('cannot open itself again, and is opened by a worker', async () => {
    await setTenant(`status = 'suspended'`)
    await enter(app, 'member', acme)
    expect((await app.query(`update desk.tenants set status = 'active'`)).rowCount).toBe(0)
    await app.query('rollback')
    await enter(worker, 'worker', acme)
    expect(await notesOf(worker)).toEqual([1])
    expect((await worker.query(`update desk.tenants set status = 'active'`)).rowCount).toBe(1)
    await worker.query('commit')
    await enter(app, 'member', acme)
    expect(await notesOf(app)).toEqual([1])
    await app.query('rollback')
  })

  it('a tenant without a row yet is made by a worker of its own', async () => {
    await enter(worker, 'worker', nobody)
    await worker.query(`insert into desk.tenants values ('${nobody}', 'active')`)
    const foreign = `insert into desk.tenants values ('0195b4f0-0000-7000-8000-00000000000d', 'active')`
    await expect(worker.query(foreign)).rejects.toMatchObject({ code: '42501' })
    await worker.query('rollback')
  })

  it('is open where the model does not say so: it is this condition that closes it', async () => {
    await setTenant(`status = 'suspended'`)
    await applyModel(modelWith({ activeWhere: undefined }))
    await enter(app, 'member', acme)
    expect(await notesOf(app)).toEqual([1])
    await app.query('rollback')
    await applyModel(modelWith())
    const again = await makePlan(database.admin, modelWith())
    expect(again.steps).toEqual([])
    await enter(app, 'member', acme)
    expect(await notesOf(app)).toEqual([])
    await app.query('rollback')
    await setTenant(`status = 'active'`)
  })

  it.each([
    ['names no column', 'stauts = 1', /tenantKey\.activeWhere: column "stauts" does not exist/],
    ['is no condition', 'status =', /tenantKey\.activeWhere: syntax error/],
    ['is no truth value', 'id', /tenantKey\.activeWhere: .*boolean/],
  ])('a condition that %s is refused before anything changes', async (_what, where, message) => {
    await expect(makePlan(database.admin, modelWith({ activeWhere: where }))).rejects.toMatchObject(
      {
        code: 'MODEL_MISMATCH',
        message: expect.stringMatching(message),
      },
    )
  })
})
