import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { WatertightError } from '../errors/index.js'
import { defineTenancy } from '../model/index.js'
import type { Plan } from '../plan/index.js'
import { applyPlan, makePlan, parsePlan, renderMigration, rollbackPlan } from './index.js'
import { allHazards } from './testing/notes.js'
import { shopSchema, shopTenancy } from './testing/shop.js'

let database: TestDatabase
let plan: Plan

beforeAll(async () => {
  database = await createTestDatabase()
  await database.admin.query(shopSchema)
  const include = ['composite-foreign-keys', 'tenant-unique-keys'] as const
  const model = defineTenancy({ ...shopTenancy(`${database.rolePrefix} "é`), include })
  plan = await makePlan(database.admin, model)
})
afterAll(() => database.drop())

it('the files make the same catalog as apply and rollback', async () => {
  const { admin } = database
  const snapshot = (): ReturnType<typeof readCatalog> =>
    readCatalog(admin, { schemas: ['shop', 'watertight'] })
  const before = await snapshot()
  await applyPlan(admin, plan, { allow: allHazards(plan) })
  const applied = await snapshot()
  await rollbackPlan(admin, { allow: allHazards(plan) })

  const { up, down } = renderMigration(plan)
  await admin.query(up)
  expect(diffSnapshots(applied, await snapshot())).toEqual([])
  await admin.query(down)
  expect(diffSnapshots(before, await snapshot())).toEqual([])
})

it('the plan survives its file', () => {
  expect(parsePlan(JSON.parse(renderMigration(plan).plan))).toEqual(plan)
  expect(plan.steps.length).toBeGreaterThan(100)
})

it('comments of the files cannot be left by a name with a line break', () => {
  const [first, ...rest] = plan.steps
  if (!first) throw new Error('the plan has no steps')
  const summary = 'harmless\ndrop schema shop cascade; --\r\nselect 1'
  const { up, down } = renderMigration({ ...plan, steps: [{ ...first, summary }, ...rest] })
  for (const text of [up, down]) expect(text).not.toMatch(/^(drop schema shop|select 1)/m)
})

/** The plan, or the error that reading it ends in. */
function read(input: unknown): Plan | Error {
  try {
    return parsePlan(input)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Leaves, branches and keys of the plan, each replaced by anything. */
const damaged: fc.Arbitrary<unknown> = fc
  .tuple(fc.nat(2_000), fc.jsonValue())
  .map(([position, value]) => {
    let left = position
    const walk = (node: unknown): unknown => {
      if (left === 0) {
        left -= 1
        return value
      }
      left -= 1
      if (Array.isArray(node)) return node.map(walk)
      if (typeof node !== 'object' || node === null) return node
      return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, walk(part)]))
    }
    return walk(JSON.parse(JSON.stringify(plan)))
  })

it('whatever else is read as a plan is refused with a typed error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.jsonValue(), damaged), (input) => {
      const outcome = read(input)
      const isPlan =
        !(outcome instanceof Error) &&
        outcome.format === 'watertight.plan/1' &&
        Number.isSafeInteger(outcome.from.serverVersionNum)
      const isRefusal = outcome instanceof WatertightError && outcome.code === 'INVALID_INPUT'
      expect(isPlan || isRefusal).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it.each([
  ['plan', null],
  ['plan.format', { format: 'watertight.plan/2' }],
  ['plan.from.serverVersionNum', { from: { serverVersionNum: 'new' } }],
  ['plan.steps', { steps: {} }],
  ['plan.steps[0].up[0]', { steps: [{ up: [1] }] }],
  ['plan.steps[0].hazards[0].kind', { steps: [{ hazards: [{ kind: 'HARMLESS' }] }] }],
  ['plan.steps[0].group', { steps: [{ group: 'everything' }] }],
])('names %s when that is wrong', (path, input) => {
  const error = read(input)
  const problems = error instanceof WatertightError ? error.problems : []
  expect(problems?.map((problem) => problem.path)).toContain(path)
})
