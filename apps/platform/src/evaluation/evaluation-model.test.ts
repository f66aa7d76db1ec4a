import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { evaluationCommands } from '../../test/evaluation-model.js'
import type { EvaluationModel, EvaluationRun } from '../../test/evaluation-model.js'
import { choices, EvaluationSteps } from '../../test/evaluation-steps.js'
import { demo } from '../demo-data/index.js'
import { evaluationRoutes } from './routes.js'

// A failure is run again with WATERTIGHT_SEED; WATERTIGHT_RUNS tries more sequences.
const seed = Number(process.env['WATERTIGHT_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['WATERTIGHT_RUNS'] ?? 12)

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller(evaluationRoutes)
})
afterAll(() => api.close())

async function ledgerLength(): Promise<number> {
  const { rows } = await api.database.admin.query<{ n: number }>(
    'select last_sequence::int as n from eval.ledger_heads where tenant_id = $1',
    [demo.tenants.school],
  )
  return rows[0]?.n ?? 0
}

it('an evaluation does what its model says, whatever is tried in whatever order', async () => {
  const commands = fc.commands(
    evaluationCommands.map((command) => fc.constant(command)),
    { size: '+1', maxCommands: 30 },
  )
  await fc.assert(
    fc.asyncProperty(commands, async (tries) => {
      const steps = new EvaluationSteps(api)
      const evaluationId = await steps.create('schoolManager', demo.orgUnits.school.class10a)
      const versionId = await steps.draft('schoolManager', evaluationId, choices)
      const ids = { assignmentId: '', sessionId: '', submissionId: '' }
      const real: EvaluationRun = { api, evaluationId, versionId, ...ids }
      const model: EvaluationModel = {
        isArchived: false,
        version: 'draft',
        assignment: null,
        submission: null,
        events: 0,
      }
      const before = await ledgerLength()
      await fc.asyncModelRun(() => ({ model, real }), tries)
      expect((await ledgerLength()) - before).toBe(model.events)
    }),
    { seed, numRuns, endOnFailure: true },
  )
}, 300_000)
