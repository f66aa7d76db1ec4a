import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { defineTenancy } from '../model/index.js'
import { applyPlan, makePlan, rollbackPlan, schemasOf } from './index.js'
import { changeModel, modelChange } from './testing/changed-model.js'
import { buildGenerated } from './testing/generated-database.js'
import { generatedModel } from './testing/generated-model.js'
import { generatedTenancy } from './testing/generated-tenancy.js'

const numRuns = Number(process.env['WATERTIGHT_RUNS'] ?? 6)
// The ordinary run replays one seed; `npm run test:long` draws new ones.
const seed = Number(process.env['WATERTIGHT_SEED'] ?? 20_261_121)
const allow = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']

describe.each(serverMajors)(`on PostgreSQL %i, from seed ${seed}`, (major) => {
  let database: TestDatabase
  let prefix: string
  // One for each test: what ran out of time goes on for a while, and would be in the way of the next.
  beforeEach(async () => {
    database = await createTestDatabase({ major })
    prefix = `${database.rolePrefix} "r`
  })
  afterEach(() => database.drop())

  it(
    'a generated database converges in one plan, goes back without a trace, and forward again',
    { timeout: 120_000 + numRuns * 4_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(generatedTenancy, async (tenancy) => {
          const { admin } = database
          await buildGenerated(admin, tenancy, prefix)
          const model = defineTenancy(generatedModel(tenancy, prefix))
          const schemas = schemasOf(model)
          const before = await readCatalog(admin, { schemas })

          await applyPlan(admin, await makePlan(admin, model), { allow })
          const second = await makePlan(admin, model)
          expect(second.steps.flatMap(({ up }) => up)).toEqual([])
          const applied = await readCatalog(admin, { schemas })

          await rollbackPlan(admin, { allow })
          expect(diffSnapshots(before, await readCatalog(admin, { schemas }))).toEqual([])

          await applyPlan(admin, await makePlan(admin, model), { allow })
          expect(diffSnapshots(applied, await readCatalog(admin, { schemas }))).toEqual([])
        }),
        { seed, numRuns, endOnFailure: true },
      )
    },
  )

  it(
    'a changed declaration converges in one plan, and goes back to the layer of the one before',
    { timeout: 120_000 + numRuns * 8_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(generatedTenancy, modelChange, async (tenancy, change) => {
          const { admin } = database
          await buildGenerated(admin, tenancy, prefix)
          const input = generatedModel(tenancy, prefix)
          const [model, next] = [input, changeModel(input, change)].map(defineTenancy)
          if (!model || !next) return
          const schemas = schemasOf(model)
          await applyPlan(admin, await makePlan(admin, model), { allow })
          const applied = await readCatalog(admin, { schemas })

          const plan = await makePlan(admin, next)
          if (plan.steps.length === 0) return
          await applyPlan(admin, plan, { allow })
          const second = await makePlan(admin, next)
          expect(second.steps.flatMap(({ up }) => up)).toEqual([])

          await rollbackPlan(admin, { allow })
          expect(diffSnapshots(applied, await readCatalog(admin, { schemas }))).toEqual([])
        }),
        { seed, numRuns: Math.ceil(numRuns / 2), endOnFailure: true },
      )
    },
  )
})
