import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { tenant, using } from '../../test/prove/policy-case.js'
import { proveIsolation } from './prove-isolation.js'
import type { ProofResult } from './proof-result.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

const own = `tenant_id = ${tenant}`
const nested = (depth: number): string =>
  'coalesce('.repeat(depth) + 'state' + `, 'x')`.repeat(depth)

/** What the prover cannot know, each in a schema of its own, and what it must say of it. */
const cases: readonly { readonly name: string; readonly sql: string; readonly why: string }[] = [
  {
    name: 'a function in another language',
    sql: `create function {s}.mine(uuid, uuid) returns boolean language internal stable as 'uuid_eq'; ${using(`{s}.mine(tenant_id, ${tenant})`)}`,
    why: 'it is written in internal',
  },
  {
    name: 'a function that changes data',
    sql: `create table {s}.log (at timestamptz); create function {s}.mine() returns uuid language plpgsql volatile as $f$ begin insert into {s}.log values (now()); return ${tenant}; end $f$; ${using(`tenant_id = {s}.mine()`)}`,
    why: 'a statement that changes data',
  },
  {
    name: 'a query that changes data',
    sql: `create table {s}.log (at timestamptz); create function {s}.mine() returns uuid language sql volatile as $f$ with w as (insert into {s}.log values (now()) returning ${tenant} as id) select id from w $f$; ${using(`tenant_id = {s}.mine()`)}`,
    why: 'its body',
  },
  {
    name: 'a function that sets the context which it reads',
    sql: `create function {s}.mine(uuid) returns boolean language plpgsql volatile as $f$ begin perform set_config('app.tenant_id', $1::text, true); return $1 = ${tenant}; end $f$; ${using(`{s}.mine(tenant_id)`)}`,
    why: 'set_config(), which is not modelled',
  },
  {
    name: 'a query that sets the context which it reads',
    sql: `create function {s}.mine(uuid) returns boolean language sql volatile as $f$ select set_config('app.tenant_id', $1::text, true) is not null $f$; ${using(`{s}.mine(tenant_id) and ${own}`)}`,
    why: 'set_config(), which is not modelled',
  },
  {
    name: 'a table that a temporary one can stand in for',
    sql: `create table {s}.members (tenant_id uuid); create function {s}.mine() returns uuid language plpgsql stable security definer as $f$ begin return (select m.tenant_id from members m); end $f$; ${using(`tenant_id = {s}.mine()`)}`,
    why: 'its search_path does not end in pg_temp: a temporary table can take the place',
  },
  {
    name: 'a type of an extension',
    sql: using(
      `tenant_id = current_setting('app.tenant_id', true)::{x}.citext`,
      'tenant_id {x}.citext not null',
    ),
    why: 'type',
  },
  {
    name: 'an operator of an extension',
    sql: using(
      `${own} or note operator({x}.?) 'shared'`,
      `tenant_id uuid not null, note {x}.hstore`,
    ),
    why: 'the operator',
  },
  {
    name: 'a function that calls itself',
    sql: `create function {s}.up(n int) returns boolean language plpgsql stable as $f$ begin if n > 3 then return true; end if; return {s}.up(n + 1); end $f$; ${using(`${own} or {s}.up(1)`)}`,
    why: 'it calls itself',
  },
  {
    name: 'a condition of a depth that no person writes',
    sql: using(`${own} or ${nested(400)} = 'shared'`),
    why: '',
  },
]

let database: TestDatabase
let catalog: CatalogSnapshot
let solver: ClosableSolver

const app = (index: number): string => `${database.rolePrefix}_app${index}`

beforeAll(async () => {
  database = await createTestDatabase()
  solver = await openZ3()
  const { admin } = database
  await admin.query(
    'create schema ext; create extension citext schema ext; create extension hstore schema ext',
  )
  for (const [index, text] of cases.map(({ sql }) => sql).entries()) {
    const filled = text
      .replaceAll('{s}', `s${index}`)
      .replaceAll('{x}', 'ext')
      .replaceAll('{app}', app(index))
    await admin.query(`create role ${app(index)} login; create schema s${index};
      grant usage on schema s${index}, ext to ${app(index)}; ${filled}`)
  }
  catalog = await readCatalog(admin, { schemas: 'all' })
}, 120_000)

afterAll(async () => {
  solver.close()
  await database.drop()
})

async function proofs(index: number): Promise<readonly ProofResult[]> {
  const model = defineTenancy({
    tenantKey: { column: 'tenant_id', type: 'uuid' },
    context: { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' },
    roles: {
      app: app(index),
      owner: null,
      migrator: null,
      public: null,
      auditor: null,
      worker: null,
      platform: null,
    },
    schemas: [`s${index}`],
  })
  const roles = [{ kind: 'app', name: app(index) }] as const
  const results = await proveIsolation({ model, catalog, roles, solver })
  return results.filter(({ object }) => object === `s${index}.t`)
}

describe('what is not modelled', { timeout: 120_000 }, () => {
  it.each(cases.map((entry, index) => ({ ...entry, index })))(
    'is unknown with its reason, never proven: $name',
    async ({ index, why }) => {
      const results = await proofs(index)
      expect(results).toHaveLength(4)
      for (const { verdict, reason } of results) {
        expect(verdict).not.toBe('proven')
        expect(reason).toContain(why)
      }
    },
  )
})
