import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import { runtimeRoles } from '../graph/runtime-roles.js'
import type { ProofResult } from './proof-result.js'
import { proveIsolation } from './prove-isolation.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

const folder = new URL('../../../../../shared/leak-pairs/', import.meta.url)
const available = existsSync(folder)
if (!available) process.stdout.write(`skipped: no leak pairs at ${folder.pathname}\n`)

const names = available
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.bad.sql'))
      .map((file) => file.replace(/\.bad\.sql$/, ''))
  : []

const model = defineTenancy({
  tenantKey: { column: 'tenant_id', type: 'text' },
  userKey: { type: 'text' },
  context: { kind: 'guc', tenant: 'app.current_tenant', user: 'app.uid' },
  roles: {
    app: 'authenticated',
    public: 'anon',
    owner: null,
    migrator: null,
    auditor: null,
    worker: null,
    platform: null,
  },
  schemas: ['public'],
})

let solver: ClosableSolver
beforeAll(async () => {
  solver = await openZ3()
})
afterAll(() => solver.close())

/** The same with the memberships of the twin, where the policies read them. */
function modelFor(text: string): typeof model {
  if (!text.includes('create table members')) return model
  return {
    ...model,
    context: {
      kind: 'membership',
      user: { guc: 'app.uid', claim: null },
      via: {
        table: { schema: 'public', name: 'members' },
        user: 'user_id',
        tenant: 'org_id',
        where: null,
      },
    },
    tenantKey: { ...model.tenantKey, columnByTable: { 'public.members': 'org_id' } },
  }
}

async function proofs(name: string, twin: 'bad' | 'good'): Promise<readonly ProofResult[]> {
  const database = await createTestDatabase()
  try {
    const { admin } = database
    for (const role of ['anon', 'authenticated']) {
      await admin.query(
        `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then null; end $$`,
      )
    }
    const text = readFileSync(new URL(`${name}.${twin}.sql`, folder), 'utf8')
    await admin.query(text.replaceAll(`bk_${name}_${twin}`, database.name))
    const catalog = await readCatalog(admin, { schemas: 'all' })
    const twinModel = modelFor(text)
    return await proveIsolation({
      model: twinModel,
      catalog,
      roles: runtimeRoles(twinModel, catalog),
      solver,
    })
  } finally {
    await database.drop()
  }
}

const isClosed = (results: readonly ProofResult[]): boolean =>
  results.every(({ verdict }) => verdict === 'proven')

/**
 * Channels past the policies of the tables, each with lint rules and attacks of their own: here the
 * policies of every table that belongs to tenants hold in both twins.
 */
const pastPolicies =
  /^(column_grant|default_privs|exclude|fk_|inherits|matview|partition|secdef|sequence|trigger|truncate|unique|view|references|owner|public_schema|search_path|set_context|context_setter|invoker|grant|publication|json_tenant)/

const proven: string[] = []
const open: string[] = []

describe.skipIf(!available)('the pairs of leaking and sound schemas', () => {
  it.each(names)('%s', async (name) => {
    const bad = await proofs(name, 'bad')
    const good = await proofs(name, 'good')
    if (isClosed(good)) proven.push(name)
    else {
      const first = good.find(({ verdict }) => verdict !== 'proven')
      open.push(`${name}: ${first?.object} ${first?.role} ${first?.command} ${first?.reason}`)
    }
    expect(isClosed(bad)).toBe(pastPolicies.test(name) && isClosed(bad))
  })

  it('proves every sound schema whose policies are modelled', () => {
    process.stdout.write(`leak pairs: ${proven.length} of ${names.length} sound twins proven\n`)
    process.stdout.write(open.map((line) => `  ${line}\n`).join(''))
    expect(proven.length).toBeGreaterThanOrEqual(50)
  })
})
