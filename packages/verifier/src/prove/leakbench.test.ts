import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import type { TenancyInput, TenancyModel } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import { runtimeRoles } from '../graph/runtime-roles.js'
import type { ProofResult } from './proof-result.js'
import { proveIsolation } from './prove-isolation.js'
import type { Solver } from './solver.js'

const folder = new URL('../../../../../shared/leakbench/dev/', import.meta.url)
const available = existsSync(folder)
if (!available) process.stdout.write(`skipped: no LeakBench at ${folder.pathname}\n`)

interface Base {
  readonly appRole: string
  readonly ownerRole: string
  readonly anonRole?: string
  readonly schemas: readonly string[]
  readonly tenantKey: { readonly column: string; readonly type: 'uuid' | 'bigint' | 'text' }
  readonly globalTables: readonly string[]
  readonly publicReads: readonly { readonly table: string; readonly predicate: string }[]
  readonly context: Readonly<Record<string, string>>
}

const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
const list = (path: string): readonly string[] =>
  available ? readdirSync(new URL(path, folder)).toSorted() : []

const pointer = (claim: string | undefined): string => `/${(claim ?? '').split('.').join('/')}`

function contextOf({ context }: Base): NonNullable<TenancyInput['context']> {
  if (context['kind'] === 'jwt-claims') {
    return {
      kind: 'jwt-claims',
      guc: context['guc'] ?? '',
      tenant: pointer(context['tenantClaim']),
      user: pointer(context['userClaim']),
    }
  }
  if (context['kind'] === 'membership') {
    return {
      kind: 'membership',
      user: { guc: context['userGuc'] ?? '' },
      via: {
        table: context['membershipTable'] ?? '',
        user: context['userColumn'] ?? '',
        tenant: context['tenantColumn'] ?? '',
      },
    }
  }
  return { kind: 'guc', tenant: context['name'] ?? '' }
}

function modelOf(base: Base): TenancyModel {
  const tables: Record<string, NonNullable<TenancyInput['tables']>[string]> = {}
  for (const table of base.globalTables) tables[table] = { scope: 'global' }
  for (const { table, predicate } of base.publicReads) {
    tables[table] = { ...tables[table], public: { where: predicate } }
  }
  return defineTenancy({
    tenantKey: base.tenantKey,
    context: contextOf(base),
    roles: {
      app: base.appRole,
      owner: base.ownerRole,
      migrator: null,
      public: base.anonRole ?? null,
      auditor: null,
      worker: null,
      platform: null,
    },
    schemas: base.schemas,
    tables,
  })
}

let solver: Solver
beforeAll(async () => {
  solver = await sharedSolver()
})

async function proofs(base: string, patch: string | null): Promise<readonly ProofResult[]> {
  const database = await createTestDatabase({
    template: {
      key: `prove_${base}`,
      build: async (admin) => {
        await admin.query(read(`bases/${base}/schema.sql`))
        await admin.query(read(`bases/${base}/seed.sql`))
      },
    },
  })
  const facts = JSON.parse(read(`bases/${base}/base.json`)) as Base
  const undo = patch?.replace(/\.sql$/, '.undo.sql')
  try {
    if (patch !== null) await database.admin.query(read(patch))
    const model = modelOf(facts)
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    const roles = runtimeRoles(model, catalog)
    return await proveIsolation({ model, catalog, roles, solver })
  } finally {
    if (undo !== undefined && existsSync(new URL(undo, folder))) {
      await database.admin.query(read(undo)).catch(() => undefined)
    }
    await database.drop()
  }
}

const count = (results: readonly ProofResult[], verdict: string): number =>
  results.filter((result) => result.verdict === verdict).length

describe.skipIf(!available)('schemas with planted leaks', () => {
  it.each(list('bases'))('proves the cells of the clean base %s', async (base) => {
    const results = await proofs(base, null)
    const open = results.filter(({ verdict }) => verdict !== 'proven')
    process.stdout.write(
      `${base}: ${count(results, 'proven')} proven, ${count(results, 'unknown')} unknown, ${count(results, 'refuted')} refuted\n`,
    )
    const shown = open.map(
      ({ object, role, command, reason }) => `  ${object} ${role} ${command}: ${reason}`,
    )
    if (shown.length > 0) process.stdout.write(`${shown.join('\n')}\n`)
    expect(open).toEqual([])
  })

  const patches = list('leaks').filter((file) => !file.endsWith('.undo.sql'))
  it.each(patches)('does not prove what %s opens', async (file) => {
    const text = read(`leaks/${file}`)
    const header = (name: string): string =>
      new RegExp(`^-- ${name}: (.*)$`, 'm').exec(text)?.[1] ?? ''
    const [base = ''] = file.split('--')
    const facts = JSON.parse(read(`bases/${base}/base.json`)) as Base
    const results = await proofs(base, `leaks/${file}`)
    const wanted = header('command')
    const wrong = results.filter(
      ({ object, role, command, verdict, reason }) =>
        verdict === 'proven' &&
        reason !== 'the role holds no such privilege' &&
        header('severity') === 'leak' &&
        role === facts.appRole &&
        object === header('object') &&
        (wanted === 'ANY' || wanted === command),
    )
    expect(wrong.map(({ command, reason }) => `${command}: ${reason}`)).toEqual([])
  })
})
