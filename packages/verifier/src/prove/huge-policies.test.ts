import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { tenant, using } from '../../test/prove/policy-case.js'
import { proveIsolation } from './prove-isolation.js'
import type { ProofResult } from './proof-result.js'
import type { Solver } from './solver.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

const own = `tenant_id = ${tenant}`
const times = (count: number, make: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(between)
const alternating = (depth: number): string =>
  times(depth, (index) => `(state = 's${index}' and (body = 'b${index}' or `, '') +
  'id is null' +
  '))'.repeat(depth)
const lookUp = (index: number): string =>
  `exists (select 1 from {s}.other o where o.id = t.id and o.state = 's${index}')`

/** Conditions that programs write, of sizes that no person reads. */
const cases: readonly {
  readonly name: string
  readonly condition: string
  /** Whichever of these it is. */
  readonly verdicts: readonly ProofResult['verdict'][]
  readonly why?: string
}[] = [
  {
    name: 'ten thousand alternatives beside the tenant',
    condition: `${own} and (${times(10_000, (i) => `state = 's${i}'`, ' or ')})`,
    verdicts: ['proven'],
  },
  {
    name: 'a thousand alternatives with the tenant each, the last without it',
    condition: `${times(999, (i) => `(${own} and state = 's${i}')`, ' or ')} or state = 'shared'`,
    verdicts: ['unknown', 'refuted'],
  },
  {
    name: 'AND in OR in AND, a hundred deep',
    condition: `${own} and ${alternating(50)}`,
    verdicts: ['proven'],
  },
  {
    name: 'AND in OR in AND, deeper than is parsed',
    condition: `${own} and ${alternating(700)}`,
    verdicts: ['unknown'],
    why: 'cannot be parsed: it nests too deep',
  },
  {
    name: 'a CASE of two thousand branches',
    condition: `${own} and case state ${times(2000, (i) => `when 's${i}' then body = 'b${i}'`, ' ')} else false end`,
    verdicts: ['unknown'],
    why: 'the conditions are too large for it',
  },
  {
    name: 'a text of five million characters',
    condition: `${own} and body <> '${'x'.repeat(5_000_000)}'`,
    verdicts: ['proven'],
  },
  {
    name: 'sixty look-ups in one condition, none of them of the tenant',
    condition: `${own} or ${times(60, lookUp, ' or ')}`,
    verdicts: ['unknown', 'refuted'],
  },
]

const policy = (
  condition: string,
): string => `create table {s}.other (id uuid primary key, state text);
  grant select on {s}.other to {app}; ${using(condition)} revoke insert, update, delete on {s}.t from {app};`

let database: TestDatabase
let catalog: CatalogSnapshot
let solver: ClosableSolver

const app = (index: number): string => `${database.rolePrefix}_app${index}`

beforeAll(async () => {
  database = await createTestDatabase()
  solver = await openZ3()
  const { admin } = database
  for (const [index, { condition }] of cases.entries()) {
    const filled = policy(condition).replaceAll('{s}', `s${index}`).replaceAll('{app}', app(index))
    await admin.query(`create role ${app(index)} login; create schema s${index};
      grant usage on schema s${index} to ${app(index)}; ${filled}`)
  }
  catalog = await readCatalog(admin, { schemas: 'all' })
}, 120_000)

afterAll(async () => {
  solver.close()
  await database.drop()
})

async function proof(index: number, by: Solver): Promise<ProofResult | undefined> {
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
  const results = await proveIsolation({ model, catalog, roles, solver: by })
  return results.find(({ object, command }) => object === `s${index}.t` && command === 'SELECT')
}

describe('policies of great size', { timeout: 240_000 }, () => {
  it.each(cases.map((entry, index) => ({ ...entry, index })))(
    'get an answer: $name',
    async ({ index, verdicts, why = '' }) => {
      const result = await proof(index, solver)
      expect(verdicts).toContain(result?.verdict)
      expect(result?.reason).toContain(why)
    },
  )

  it('are unknown with the reason and what would resolve it where the solver gives up', async () => {
    const tired: Solver = {
      solve: () => Promise.resolve({ status: 'unknown', reason: 'max. resource limit exceeded' }),
    }
    expect(await proof(0, tired)).toMatchObject({
      verdict: 'unknown',
      reason:
        'the solver gave no answer: max. resource limit exceeded; a simpler policy or more time may resolve it',
    })
  })
})
