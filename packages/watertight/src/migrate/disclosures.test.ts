import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { defineTenancy, parseModel, toInput } from '../model/index.js'
import type { TenancyModel } from '../model/index.js'
import { generatedLayer } from '../plan/index.js'
import { generateSigningKey, parseTenantContext, signContext } from '../runtime/index.js'
import type { SigningKey } from '../runtime/index.js'
import { ident, sql } from '../sql/index.js'
import { addSigningKey, applyPlan, makePlan, rollbackPlan } from './index.js'
import { allHazards } from './testing/notes.js'

const schema = `
create schema app;
create table app.accounts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  login text not null,
  secret text not null default 'secret',
  seen_at timestamptz);
create function app.account_of(wanted text) returns table (id uuid, tenant_id uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query update app.accounts as a set seen_at = now()
    where a.login = wanted and (select watertight.mode()) = 'public' returning a.id, a.tenant_id;
end $$;
`

function modelOf(prefix: string): TenancyModel {
  return defineTenancy({
    roles: { prefix },
    schemas: ['app'],
    tables: { 'app.accounts': { scope: 'tenant' } },
    disclosures: {
      functions: {
        'app.account_of': {
          modes: ['public'],
          reads: { 'app.accounts': ['id', 'tenant_id', 'login'] },
          updates: { 'app.accounts': ['seen_at'] },
          reason: 'a login names its tenant',
        },
      },
    },
  })
}

const schemas = ['app', 'watertight']

describe.each(serverMajors)('functions that disclose, on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let migrator: pg.Client
  let model: TenancyModel
  let key: SigningKey
  let difference: readonly unknown[]
  let pending: readonly string[]

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    const { admin, name, rolePrefix } = database
    const role = `${rolePrefix}_migrator_of_mine`
    await admin.query(sql`create role ${ident(role)} login createrole`.text)
    await admin.query(sql`grant create on database ${ident(name)} to ${ident(role)}`.text)
    migrator = await database.connect(role)
    await migrator.query(schema)
    model = modelOf(rolePrefix)
    const before = await readCatalog(migrator, { schemas })
    const first = await makePlan(migrator, model)
    const allow = allHazards(first)
    await applyPlan(migrator, first, { allow })
    await rollbackPlan(migrator, { allow })
    difference = diffSnapshots(before, await readCatalog(migrator, { schemas }))
    await applyPlan(migrator, await makePlan(migrator, model), { allow })
    pending = (await makePlan(migrator, model)).steps.flatMap(({ up }) => up)
    key = generateSigningKey('k1')
    await addSigningKey(admin, key)
    await admin.query(`insert into app.accounts (tenant_id, login)
      values (gen_random_uuid(), 'ada'), (gen_random_uuid(), 'milan')`)
  })
  afterAll(() => database.drop())

  it('are planned, applied and taken back by a migrator that is no superuser', () => {
    expect(difference).toEqual([])
    expect(pending).toEqual([])
  })

  it('answer the roles of their modes, under a context of that mode, and nobody else', async () => {
    const ask = async (mode: 'app' | 'public', context: object | null): Promise<unknown[]> => {
      const client = await database.connect(model.roles[mode] ?? '')
      await client.query('begin')
      try {
        const token = context === null ? '' : signContext(parseTenantContext(context), key)
        await client.query(`select set_config('watertight.context', $1, true)`, [token])
        return (await client.query(`select * from app.account_of('ada')`)).rows as unknown[]
      } finally {
        await client.query('rollback')
        await client.end()
      }
    }
    expect(await ask('public', { mode: 'public' })).toHaveLength(1)
    expect(await ask('public', null)).toEqual([])
    await expect(ask('app', { mode: 'public' })).rejects.toMatchObject({ code: '42501' })
  })

  const excess: readonly (readonly [string, (role: string, prefix: string) => string])[] = [
    ['a column', (role) => `grant select (secret) on app.accounts to ${role}`],
    ['a table', (role) => `grant select on app.accounts to ${role}`],
    ['a write', (role) => `grant update (login) on app.accounts to ${role}`],
    ['a caller', (_role, prefix) => `grant execute on function app.account_of to ${prefix}_app`],
    ['every caller', () => `grant execute on function app.account_of to public`],
    [
      'a grant option',
      (_role, prefix) =>
        `grant execute on function app.account_of to ${prefix}_public with grant option`,
    ],
    ['another owner', (_role, prefix) => `alter function app.account_of owner to ${prefix}_owner`],
    [
      'a wider policy',
      (role) => `create policy watertight_more on app.accounts to ${role} using (true)`,
    ],
    ['row security', (role) => `alter role ${role} bypassrls`],
    ['a member', (role, prefix) => `grant ${role} to ${prefix}_app`],
    [
      'a function of its own',
      (role) => `create function app.all_logins() returns setof text language sql security definer
        set search_path = pg_catalog, pg_temp as 'select login from app.accounts';
        alter function app.all_logins() owner to ${role}`,
    ],
  ]
  it.each(excess)('lose %s that the model does not give them', async (_name, change) => {
    const { admin, rolePrefix } = database
    const { role } = model.disclosures ?? { role: '' }
    await admin.query(change(role, rolePrefix))
    const plan = await makePlan(admin, model)
    expect(plan.steps).not.toEqual([])
    await applyPlan(admin, plan, { allow: allHazards(plan) })
    expect((await makePlan(admin, model)).steps.map(({ summary }) => summary)).toEqual([])
    await admin.query('drop function if exists app.all_logins()')
  })

  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['is not there', 'drop function app.account_of', /no such function app\.account_of/],
    [
      'shares its name',
      `create function app.account_of() returns int language sql as 'select 1'`,
      /name of several functions/,
    ],
    [
      'runs as its caller',
      'alter function app.account_of security invoker',
      /not SECURITY DEFINER/,
    ],
    [
      'leaves its names open',
      'alter function app.account_of set search_path = app, pg_temp',
      /does not pin its names/,
    ],
    ['has lost a column', 'alter table app.accounts drop column login', /no such column "login"/],
  ]
  it.each(faults)('are refused when one %s', async (_name, change, problem) => {
    const { admin } = database
    await admin.query('begin')
    await admin.query(change)
    const catalog = await readCatalog(admin, { schemas })
    await admin.query('rollback')
    expect(() => generatedLayer(model, catalog)).toThrow(
      expect.objectContaining({ code: 'MODEL_MISMATCH', message: expect.stringMatching(problem) }),
    )
  })

  it('are called by a role of their own that may do nothing else', async () => {
    const { admin, rolePrefix } = database
    const role = `${rolePrefix}_caller`
    const { disclosures } = toInput(model)
    const functions = disclosures?.functions ?? {}
    const called = parseModel({
      ...toInput(model),
      disclosures: {
        functions: Object.fromEntries(
          Object.entries(functions).map(([name, each]) => [name, { ...each, callers: [role] }]),
        ),
      },
    })
    const apply = async (wanted: TenancyModel): Promise<void> => {
      const plan = await makePlan(migrator, wanted)
      await applyPlan(migrator, plan, { allow: allHazards(plan) })
      expect((await makePlan(migrator, wanted)).steps).toEqual([])
    }
    await apply(called)
    const client = await database.connect(role)
    expect((await client.query(`select * from app.account_of('ada')`)).rows).toEqual([])
    await expect(client.query('select from app.accounts')).rejects.toMatchObject({ code: '42501' })
    await admin.query(sql`grant select on app.accounts to ${ident(role)}`.text)
    await apply(called)
    await expect(client.query('select from app.accounts')).rejects.toMatchObject({ code: '42501' })
    await client.end()
    await apply(model)
    const after = await database.connect(role)
    const attempt = after.query(`select * from app.account_of('ada')`)
    await expect(attempt).rejects.toMatchObject({ code: '42501' })
    await after.end()
  })

  it('leave nothing behind when the model no longer has them', async () => {
    const { admin, rolePrefix } = database
    const without = defineTenancy({
      roles: { prefix: rolePrefix },
      schemas: ['app'],
      tables: { 'app.accounts': { scope: 'tenant' } },
    })
    const plan = await makePlan(admin, without)
    await applyPlan(admin, plan, { allow: allHazards(plan) })
    const { rows } = await admin.query(
      `select has_any_column_privilege($1, 'app.accounts', 'select, update') as can,
        (select count(*)::int from pg_policy where polname like '%disclosure%') as policies`,
      [model.disclosures?.role],
    )
    expect(rows).toEqual([{ can: false, policies: 0 }])
    expect((await makePlan(admin, without)).steps).toEqual([])
  })
})
