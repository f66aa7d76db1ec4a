import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import {
  choices,
  choicesAndText,
  EvaluationSteps,
  rightAnswers,
  window,
} from '../../test/evaluation-steps.js'
import { demo } from '../demo-data/index.js'
import { evaluationRoutes } from './routes.js'

const { school } = demo.orgUnits
const { schoolPupil: pupil } = demo.users
const manager = 'schoolManager'

let api: ApiCaller
let steps: EvaluationSteps
beforeAll(async () => {
  api = await openApiCaller(evaluationRoutes)
  steps = new EvaluationSteps(api)
})
afterAll(() => api.close())

/** The statuses of the same call made at once by several, sorted. */
async function atOnce(times: number, call: () => Promise<ApiReply>): Promise<number[]> {
  const replies = await Promise.all(Array.from({ length: times }, call))
  return replies.map(({ status }) => status).toSorted()
}

async function ledgerOf(subjectId: string): Promise<string[]> {
  const { rows } = await api.database.admin.query<{ kind: string }>(
    'select kind from eval.ledger_events where subject_id = $1 order by sequence',
    [subjectId],
  )
  return rows.map(({ kind }) => kind)
}

async function gapsInLedger(): Promise<unknown> {
  const { rows } = await api.database.admin.query(
    `select tenant_id from eval.ledger_events join eval.ledger_heads h using (tenant_id)
     group by tenant_id, h.last_sequence
     having count(*) <> max(sequence) or min(sequence) <> 1 or max(sequence) <> h.last_sequence`,
  )
  return rows
}

describe('of several at once', () => {
  it('one publishes a draft', async () => {
    const evaluationId = await steps.create(manager, school.class10a)
    const id = await steps.draft(manager, evaluationId, choices)
    const path = `/evaluation-versions/${id}/publish`
    expect(await atOnce(4, () => api.call(manager, 'POST', path))).toEqual([200, 409, 409, 409])
    expect(await ledgerOf(id)).toEqual(['version.drafted', 'version.published'])
  })

  it('one drafts the next version', async () => {
    const id = await steps.create(manager, school.class10a)
    const draft = (): Promise<ApiReply> =>
      api.call(manager, 'POST', `/evaluations/${id}/versions`, { content: choices })
    expect(await atOnce(4, draft)).toEqual([201, 409, 409, 409])
  })

  it('one assigns a version to somebody', async () => {
    const id = await steps.published(manager, school.class10a)
    const assign = (): Promise<ApiReply> =>
      api.call(manager, 'POST', `/evaluation-versions/${id}/assignments`, {
        assigneeId: pupil,
        ...window(),
      })
    expect(await atOnce(4, assign)).toEqual([201, 409, 409, 409])
  })

  it('one starts a session, and one hands it in', async () => {
    const versionId = await steps.published(manager, school.class10a)
    const assignmentId = await steps.assign(manager, versionId, pupil, { maxAttempts: 3 })
    const path = `/assignments/${assignmentId}/sessions`
    expect(await atOnce(4, () => api.call('schoolPupil', 'POST', path))).toEqual([
      201, 409, 409, 409,
    ])
    const { items } = await api.call(
      'schoolPupil',
      'GET',
      `/evaluation-sessions?assignmentId=${assignmentId}`,
    )
    expect(items).toHaveLength(1)
    const sessionId = String(items[0]?.['id'])
    const body = { answers: rightAnswers }
    const submission = `/evaluation-sessions/${sessionId}/submission`
    expect(await atOnce(4, () => api.call('schoolPupil', 'POST', submission, body))).toEqual([
      201, 409, 409, 409,
    ])
    const stored = await api.database.admin.query(
      `select s.id, count(i.id)::int as items, (select count(*)::int
         from eval.submission_score_versions c where c.submission_id = s.id) as scores
       from eval.submissions s join eval.submission_items i on i.submission_id = s.id
       where s.session_id = $1 group by s.id`,
      [sessionId],
    )
    expect(stored.rows).toMatchObject([{ items: 2, scores: 1 }])
    expect(await ledgerOf(sessionId)).toEqual(['session.started'])
  })

  it('one of those who saw the same score scores it anew, and one decides a correction', async () => {
    const versionId = await steps.published(manager, school.class10a, choicesAndText)
    const assignmentId = await steps.assign(manager, versionId, pupil)
    const sessionId = await steps.start('schoolPupil', assignmentId)
    const answers = [{ question: 'q3', answer: 'Because.' }]
    const id = await steps.submit('schoolPupil', sessionId, answers)
    const scores = `/submissions/${id}/scores`
    const points = [{ question: 'q3', points: 1 }]
    const score = (): Promise<ApiReply> =>
      api.call(manager, 'POST', scores, { points, afterVersion: 0 })
    expect(await atOnce(4, score)).toEqual([201, 409, 409, 409])
    const corrections = `/submissions/${id}/corrections`
    const correct = (): Promise<ApiReply> =>
      api.call(manager, 'POST', corrections, {
        scoreVersion: 1,
        pointsDelta: 5,
        reason: 'Overlooked',
      })
    // Two would leave more than all points: they see each other though neither is decided.
    expect(await atOnce(3, correct)).toEqual([201, 400, 400])
    const { items } = await api.call(manager, 'GET', corrections)
    const decision = `/corrections/${String(items[0]?.['id'])}/decision`
    const decide = (): Promise<ApiReply> =>
      api.call('schoolAdmin', 'POST', decision, { outcome: 'approved' })
    expect(await atOnce(4, decide)).toEqual([200, 409, 409, 409])
  })

  it('a session is handed in or its assignment cancelled, never both', async () => {
    const versionId = await steps.published(manager, school.class10a)
    for (let round = 0; round < 4; round += 1) {
      const assignmentId = await steps.assign(manager, versionId, pupil)
      const sessionId = await steps.start('schoolPupil', assignmentId)
      const body = { answers: rightAnswers }
      const submission = `/evaluation-sessions/${sessionId}/submission`
      const replies = await Promise.all([
        api.call('schoolPupil', 'POST', submission, body),
        api.call(manager, 'POST', `/assignments/${assignmentId}/cancel`),
      ])
      const statuses = replies.map(({ status }) => status)
      expect([
        [201, 409],
        [409, 200],
      ]).toContainEqual(statuses)
    }
  })

  it('many append to the ledger of their tenant without a gap', async () => {
    const units = [school.class10a, school.class10b, school.physics, school.languages]
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        steps.create('schoolAdmin', units[index % units.length] ?? school.root),
      ),
    )
    expect(await gapsInLedger()).toEqual([])
  })
})
