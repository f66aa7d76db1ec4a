import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import type { ProofResult } from './proof-result.js'
import { proveIsolation } from './prove-isolation.js'
import type { PolicyCase } from '../../test/prove/policy-case.js'
import { failureCases } from '../../test/prove/failure-cases.js'
import { relationalCases } from '../../test/prove/relational-cases.js'
import { settingCases } from '../../test/prove/setting-cases.js'
import { sharedSolver } from '../../test/shared-solver.js'
import type { Solver } from './solver.js'

const cases: readonly PolicyCase[] = [...settingCases, ...relationalCases, ...failureCases]

let database: TestDatabase
let catalog: CatalogSnapshot
let solver: Solver
let roles: { app: string; owner: string }

beforeAll(async () => {
  database = await createTestDatabase()
  roles = { app: `${database.rolePrefix}_app`, owner: `${database.rolePrefix}_own` }
  await database.admin.query(`create role ${roles.app}; create role ${roles.owner}`)
  for (const [index, entry] of cases.entries()) {
    const app = `${roles.app}${index}`
    await database.admin.query(
      `create role ${app}; create schema s${index}; grant usage on schema s${index} to ${app}`,
    )
    await database.admin.query(filled(entry.sql, index))
  }
  catalog = await readCatalog(database.admin, { schemas: 'all' })
  solver = await sharedSolver()
})

afterAll(() => database.drop())

function filled(text: string, index: number): string {
  return text
    .replaceAll('{app}', `${roles.app}${index}`)
    .replaceAll('{owner}', roles.owner)
    .replaceAll('{s}', `s${index}`)
}

async function proofs(entry: PolicyCase, index: number): Promise<readonly ProofResult[]> {
  const app = `${roles.app}${index}`
  const model = defineTenancy({
    tenantKey: { column: 'tenant_id', type: entry.keyType ?? 'uuid' },
    context: JSON.parse(filled(JSON.stringify(entry.context), index)),
    roles: {
      app,
      owner: null,
      migrator: null,
      public: null,
      auditor: null,
      worker: null,
      platform: null,
    },
    schemas: [`s${index}`],
  })
  const results = await proveIsolation({
    model,
    catalog,
    roles: [{ kind: 'app', name: app }],
    solver,
  })
  return results.filter(({ object }) => object === `s${index}.${entry.table ?? 't'}`)
}

const explained = ({ command, verdict, reason }: ProofResult): string =>
  `${command} ${verdict}: ${reason}`

describe('what is proven of policies, and what is not', () => {
  it.each(cases.map((entry, index) => ({ ...entry, index })))('$name', async (entry) => {
    const results = await proofs(entry, entry.index)
    const verdicts = Object.fromEntries(results.map(({ command, verdict }) => [command, verdict]))
    const asExpected = Object.entries(entry.expected).every(([key, want]) => verdicts[key] === want)
    if (!asExpected) process.stdout.write(`${results.map(explained).join('\n')}\n`)
    expect(verdicts).toMatchObject(entry.expected)
  })
})
