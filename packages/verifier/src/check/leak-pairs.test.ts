import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import type { CheckResult } from '../findings/index.js'
import { runtimeRoles } from '../graph/runtime-roles.js'
import type { ProofResult } from '../prove/proof-result.js'
import { proveIsolation } from '../prove/prove-isolation.js'
import type { Solver } from '../prove/solver.js'
import { check } from './check.js'

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

/** The same with the memberships of the twin, where the policies read them. */
function provenModel(text: string): TenancyModel {
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
      owner: null,
    },
    tenantKey: { ...model.tenantKey, columnByTable: { 'public.members': 'org_id' } },
  }
}

interface Judged {
  readonly result: CheckResult
  readonly proofs: readonly ProofResult[]
}

let solver: Solver
beforeAll(async () => {
  solver = await sharedSolver()
})

async function judge(name: string, twin: 'bad' | 'good'): Promise<Judged> {
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
    const asked = provenModel(text)
    const roles = runtimeRoles(asked, catalog)
    const proofs = await proveIsolation({ model: asked, catalog, roles, solver })
    const result = await check(admin, { model, catalog, solver, live: true, now: () => new Date() })
    return { result, proofs }
  } finally {
    await database.drop()
  }
}

const loud = ({ findings }: CheckResult): string[] =>
  findings.filter(({ severity }) => severity !== 'info').map(({ key }) => key)

const unproven = ({ proofs }: Judged): ProofResult | undefined =>
  proofs.find(({ verdict }) => verdict !== 'proven')

/**
 * Channels past the policies of the tables, each with lint rules and attacks of their own: here the
 * policies of every table that belongs to tenants hold in both twins.
 */
const pastPolicies =
  /^(column_grant|default_privs|exclude|fk_|inherits|matview|partition|secdef|sequence|trigger|truncate|unique|view|references|owner|public_schema|search_path|set_context|context_setter|invoker|grant|publication|json_tenant)/

const found: string[] = []
const open: string[] = []

describe.skipIf(!available)('the pairs of leaking and sound schemas', () => {
  it.each(names)('%s', async (name) => {
    const bad = await judge(name, 'bad')
    const good = await judge(name, 'good')
    const quiet = new Set(loud(good.result))
    if (loud(bad.result).some((key) => !quiet.has(key))) found.push(name)
    const cell = unproven(good)
    if (cell) open.push(`${name}: ${cell.object} ${cell.role} ${cell.command} ${cell.reason}`)

    const shared = new Set(loud(bad.result))
    expect(loud(good.result).filter((key) => !shared.has(key))).toEqual([])
    expect(pastPolicies.test(name) || unproven(bad) !== undefined).toBe(true)
  })

  it('finds what leaks and proves what does not', () => {
    const missed = names.filter((name) => !found.includes(name))
    const rest = missed.length === 0 ? '' : `; not found: ${missed.join(', ')}`
    process.stdout.write(`leak pairs: ${found.length} of ${names.length} found${rest}\n`)
    process.stdout.write(`leak pairs: ${names.length - open.length} sound twins proven\n`)
    process.stdout.write(open.map((line) => `  ${line}\n`).join(''))
    expect(missed).toEqual([])
    expect(open.length).toBeLessThanOrEqual(2)
  })
})
