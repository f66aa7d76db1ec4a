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
import { demo, demoId } from '../demo-data/index.js'
import { evaluationRoutes } from './routes.js'

const { school } = demo.orgUnits
const manager = 'schoolManager'

let api: ApiCaller
let steps: EvaluationSteps
beforeAll(async () => {
  api = await openApiCaller(evaluationRoutes)
  steps = new EvaluationSteps(api)
})
afterAll(() => api.close())

interface LedgerEvent {
  readonly sequence: number
  readonly kind: string
}

async function newest(count: number): Promise<LedgerEvent[]> {
  const limit = String(Math.max(1, count))
  const { items } = await api.call('schoolAdmin', 'GET', `/evaluation-ledger?limit=${limit}`)
  return items.map((item) => ({
    sequence: Number(item['sequence']),
    kind: String(item['kind']),
  }))
}

/** The kinds of the events that a call appended, in their order. */
async function appended(call: () => Promise<ApiReply>): Promise<[number, string[]]> {
  const [last] = await newest(1)
  const { status } = await call()
  const events = (await newest(10)).filter(({ sequence }) => sequence > (last?.sequence ?? 0))
  return [status, events.map(({ kind }) => kind).toReversed()]
}

const post = (actor: Parameters<ApiCaller['call']>[0], path: string, body?: object) => () =>
  api.call(actor, 'POST', path, body)

describe('the ledger', () => {
  it('gets an event of every operation that changes something, and none of a refused one', async () => {
    const seen: Record<string, string[]> = {}
    const step = async (route: string, call: () => Promise<ApiReply>): Promise<void> => {
      const [status, kinds] = await appended(call)
      expect([route, status]).toEqual([route, status === 201 ? 201 : 200])
      seen[route] = kinds
    }
    const evaluation = {
      orgUnitId: school.class10a,
      slug: 'ledger',
      title: 'Ledger',
      kind: 'exam',
    }
    await step('createEvaluation', post(manager, '/evaluations', evaluation))
    expect(await appended(post(manager, '/evaluations', evaluation))).toEqual([409, []])

    const draft = await steps.create(manager, school.class10a)
    const definition = `/evaluations/${draft}`
    await step('changeEvaluation', () => api.call(manager, 'PATCH', definition, { title: 'New' }))
    const drafted = post(manager, `${definition}/versions`, { content: choices })
    await step('draftEvaluationVersion', drafted)
    const [version] = (await api.call(manager, 'GET', `${definition}/versions`)).items
    const path = `/evaluation-versions/${String(version?.['id'])}`
    const change = { content: choicesAndText }
    await step('changeEvaluationVersion', () => api.call(manager, 'PUT', path, change))
    await step('publishEvaluationVersion', post(manager, `${path}/publish`))
    const assignment = { assigneeId: demo.users.schoolPupil, ...window(), maxAttempts: 2 }
    await step('createAssignment', post(manager, `${path}/assignments`, assignment))
    const query = `/assignments?versionId=${String(version?.['id'])}`
    const assignmentId = String((await api.call(manager, 'GET', query)).items[0]?.['id'])
    const taken = `/assignments/${assignmentId}`
    await step('startEvaluationSession', post('schoolPupil', `${taken}/sessions`))
    const sessions = `/evaluation-sessions?assignmentId=${assignmentId}`
    const sessionId = String((await api.call(manager, 'GET', sessions)).items[0]?.['id'])
    const answers = [...rightAnswers, { question: 'q3', answer: 'Because.' }]
    const submission = `/evaluation-sessions/${sessionId}/submission`
    expect(await appended(post('schoolPupil', submission, { answers: [{}] }))).toEqual([400, []])
    await step('submitEvaluationSession', post('schoolPupil', submission, { answers }))
    const [handedIn] = (await api.call(manager, 'GET', `/submissions?sessionId=${sessionId}`)).items
    const result = `/submissions/${String(handedIn?.['id'])}`
    const score = { points: [{ question: 'q3', points: 3 }], afterVersion: 0 }
    await step('scoreSubmission', post(manager, `${result}/scores`, score))
    const correction = { scoreVersion: 1, pointsDelta: 1, reason: 'The sum was wrong' }
    await step('correctResult', post(manager, `${result}/corrections`, correction))
    const [proposed] = (await api.call(manager, 'GET', `${result}/corrections`)).items
    const decision = `/corrections/${String(proposed?.['id'])}/decision`
    await step('decideCorrection', post('schoolAdmin', decision, { outcome: 'rejected' }))
    await steps.start('schoolPupil', assignmentId)
    await step('cancelAssignment', post(manager, `${taken}/cancel`))
    await step('withdrawEvaluationVersion', post(manager, `${path}/withdraw`))
    await step('archiveEvaluation', post(manager, `${definition}/archive`))

    expect(seen).toEqual({
      createEvaluation: ['evaluation.created'],
      changeEvaluation: ['evaluation.changed'],
      draftEvaluationVersion: ['version.drafted'],
      changeEvaluationVersion: ['version.changed'],
      publishEvaluationVersion: ['version.published'],
      createAssignment: ['assignment.created'],
      startEvaluationSession: ['session.started'],
      submitEvaluationSession: ['submission.received'],
      scoreSubmission: ['score.recorded'],
      correctResult: ['correction.proposed'],
      decideCorrection: ['correction.rejected'],
      cancelAssignment: ['session.expired', 'assignment.cancelled'],
      withdrawEvaluationVersion: ['version.withdrawn'],
      archiveEvaluation: ['evaluation.archived'],
    })
    const writes = evaluationRoutes.filter(({ method }) => method !== 'GET')
    expect(Object.keys(seen).toSorted()).toEqual(writes.map(({ id }) => id).toSorted())
  })

  it('is read by subject, by kind and by time, page by page and in order', async () => {
    const id = await steps.published(manager, school.class10a)
    const of = async (query: string): Promise<unknown[]> =>
      (await api.call(manager, 'GET', `/evaluation-ledger?${query}`)).items.map(({ kind }) => kind)
    expect(await of(`subjectId=${id}`)).toEqual(['version.published', 'version.drafted'])
    expect(await of(`subjectId=${id}&kind=version.drafted`)).toEqual(['version.drafted'])
    const later = new Date(Date.now() + 60_000).toISOString()
    expect(await of(`from=${later}`)).toEqual([])
    expect((await of(`until=${later}&limit=3`)).length).toBe(3)
    const sequences: number[] = []
    let after = ''
    do {
      const page = await api.call('schoolAdmin', 'GET', `/evaluation-ledger?limit=7${after}`)
      sequences.push(...page.items.map(({ sequence }) => Number(sequence)))
      const { next } = page.body
      after = typeof next === 'string' ? `&after=${next}` : ''
    } while (after !== '')
    const all = Array.from({ length: sequences.length }, (_, index) => sequences.length - index)
    expect(sequences).toEqual(all)
  })

  it('is not for plain members', async () => {
    const reply = await api.call('schoolPupil', 'GET', '/evaluation-ledger')
    expect(reply).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  })
})

describe('an auditor', () => {
  const ids: Readonly<Record<string, string>> = {
    evaluationId: demoId('eval.evaluations', 1, 2),
    versionId: demoId('eval.evaluation_versions', 1, 21),
    assignmentId: demoId('eval.assignments', 1, 2),
    sessionId: demoId('eval.sessions', 1, 2),
    submissionId: demoId('eval.submissions', 1, 2),
  }
  const reads = evaluationRoutes.filter(({ method }) => method === 'GET')

  it.each(reads.map((route) => [route.id, route] as const))(
    'reads %s without answers, questions and candidates',
    async (_id, { path }) => {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '')
      const reply = await api.call('auditorLive', 'GET', url)
      expect(reply.status).toBe(200)
      expect(JSON.stringify(reply.body)).not.toMatch(/had in mind|How much|breakdown":\{/)
      const people = [...reply.items, reply.body].flatMap((row) => [
        row['userId'],
        row['assigneeId'],
        row['submittedBy'],
      ])
      expect(people.filter((value) => value !== null && value !== undefined)).toEqual([])
    },
  )
})

describe('platform support with a reading grant', () => {
  it('reads, and is refused to change anything', async () => {
    const read = await api.call('platformReadOnly', 'GET', '/assignments')
    expect([read.status, read.items.length]).toEqual([200, 4])
    const cancel = `/assignments/${demoId('eval.assignments', 1, 4)}/cancel`
    const assign = `/evaluation-versions/${demoId('eval.evaluation_versions', 1, 11)}/assignments`
    const body = { assigneeId: demo.users.securityAnalyst, ...window() }
    const refused = [
      await api.call('platformReadOnly', 'POST', cancel),
      await api.call('platformReadOnly', 'POST', assign, body),
      await api.call('platformReadOnly', 'POST', '/evaluations', {
        slug: 'x',
        title: 'x',
        kind: 'exam',
      }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403])
    const after = await api.call('platformReadOnly', 'GET', '/assignments')
    expect(after.items).toEqual(read.items)
  })
})
