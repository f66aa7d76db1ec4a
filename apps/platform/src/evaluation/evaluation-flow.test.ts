import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
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
const pupil = demo.users.schoolPupil

let api: ApiCaller
let steps: EvaluationSteps
beforeAll(async () => {
  api = await openApiCaller(evaluationRoutes)
  steps = new EvaluationSteps(api)
})
afterAll(() => api.close())

async function resultOf(submissionId: string): Promise<Record<string, unknown> | undefined> {
  const { items } = await api.call('schoolPupil', 'GET', '/evaluation-results')
  return items.find(({ id }) => id === submissionId)
}

describe('an evaluation of choices', () => {
  it('goes from its draft to a result without anybody scoring it', async () => {
    const versionId = await steps.published('schoolManager', school.class10a)
    const assignmentId = await steps.assign('schoolManager', versionId, pupil)
    const own = await api.call('schoolPupil', 'GET', `/assignments?versionId=${versionId}`)
    expect(own.items.map(({ id, status }) => [id, status])).toEqual([[assignmentId, 'assigned']])
    const started = await api.call('schoolPupil', 'POST', `/assignments/${assignmentId}/sessions`)
    expect(started).toMatchObject({ status: 201, body: { state: 'open', attempt: 1 } })
    expect(JSON.stringify(started.body)).not.toContain('correct')
    const sessionId = String(started.body['id'])
    const path = `/evaluation-sessions/${sessionId}/submission`
    const submitted = await api.call('schoolPupil', 'POST', path, {
      answers: [{ question: 'q1', answer: 'b' }],
      comment: 'No time for the second.',
    })
    expect(submitted.status).toBe(201)
    expect(await resultOf(String(submitted.body['id']))).toMatchObject({
      scoreVersion: 1,
      points: 2,
      maxPoints: 5,
      passed: false,
    })
    const session = await api.call('schoolPupil', 'GET', `/evaluation-sessions/${sessionId}`)
    expect(session.body).toMatchObject({ state: 'finished' })
    const closed = await api.call('schoolPupil', 'GET', `/assignments/${assignmentId}`)
    expect(closed.body).toMatchObject({ status: 'submitted' })
  })

  it('ends a session after its time limit or with the assignment, whichever is first', async () => {
    const versionId = await steps.published('schoolManager', school.class10a)
    const soon = new Date(Date.now() + 600_000).toISOString()
    const assignmentId = await steps.assign('schoolManager', versionId, pupil, { closesAt: soon })
    const path = `/assignments/${assignmentId}/sessions`
    const { body } = await api.call('schoolPupil', 'POST', path)
    expect(body['expiresAt']).toBe(soon)
    const again = await steps.published('schoolManager', school.class10a)
    const other = await steps.assign('schoolManager', again, pupil)
    const reply = await api.call('schoolPupil', 'POST', `/assignments/${other}/sessions`)
    const { startedAt, expiresAt } = reply.body
    expect(Date.parse(String(expiresAt)) - Date.parse(String(startedAt))).toBe(30 * 60_000)
  })
})

describe('a session whose time is over', () => {
  it('takes no submission, shows as expired, and leaves the next attempt', async () => {
    const versionId = await steps.published('schoolManager', school.class10a)
    const change = { maxAttempts: 2 }
    const assignmentId = await steps.assign('schoolManager', versionId, pupil, change)
    const sessionId = await steps.start('schoolPupil', assignmentId)
    const { admin } = api.database
    await admin.query('alter table eval.sessions disable trigger keep_session')
    await admin.query(
      `update eval.sessions set started_at = now() - interval '2 hours',
         expires_at = now() - interval '1 second' where id = $1`,
      [sessionId],
    )
    await admin.query('alter table eval.sessions enable trigger keep_session')
    const late = await steps.submit('schoolPupil', sessionId).catch(String)
    expect(late).toContain('the time of the session is over')
    const shown = await api.call('schoolPupil', 'GET', `/evaluation-sessions/${sessionId}`)
    expect(shown.body).toMatchObject({ state: 'expired', finishedAt: null })
    await steps.start('schoolPupil', assignmentId)
    const path = `/evaluation-ledger?subjectId=${sessionId}`
    const { items } = await api.call('schoolManager', 'GET', path)
    expect(items.map(({ kind }) => kind)).toEqual(['session.expired', 'session.started'])
    await expect(steps.start('schoolPupil', assignmentId)).rejects.toThrow('409')
  })

  it('does not start before the assignment opens nor after it closed', async () => {
    const versionId = await steps.published('schoolManager', school.class10a)
    for (const hours of [window(1, 2), window(-2, -1)]) {
      const assignmentId = await steps.assign('schoolManager', versionId, pupil, hours)
      await expect(steps.start('schoolPupil', assignmentId)).rejects.toThrow('not open')
      await api.call('schoolManager', 'POST', `/assignments/${assignmentId}/cancel`)
    }
    const backwards = steps.assign('schoolManager', versionId, pupil, window(2, 1))
    await expect(backwards).rejects.toThrow('400')
    const closesAt = '9999-12-31T23:59:59-23:59'
    const endless = steps.assign('schoolManager', versionId, pupil, { closesAt })
    await expect(endless).rejects.toThrow('is out of range')
  })
})

describe('answers', () => {
  it.each<[string, object, string]>([
    ['to a question that is not asked', { question: 'q9', answer: 'b' }, '/0/question'],
    ['that are no option', { question: 'q1', answer: 'c' }, '/0/answer'],
    ['of several options to one choice', { question: 'q1', answer: ['a', 'b'] }, '/0/answer'],
    ['of one text to several choices', { question: 'q2', answer: 'a' }, '/0/answer'],
    ['that name an option twice', { question: 'q2', answer: ['a', 'a'] }, '/0/answer'],
    ['with a field that nobody knows', { question: 'q1', answer: 'b', points: 5 }, '/0/points'],
  ])('%s are refused, and the session stays open', async (_what, answer, pointer) => {
    const versionId = await steps.published('schoolManager', school.class10a)
    const assignmentId = await steps.assign('schoolManager', versionId, pupil)
    const sessionId = await steps.start('schoolPupil', assignmentId)
    const path = `/evaluation-sessions/${sessionId}/submission`
    const reply = await api.call('schoolPupil', 'POST', path, { answers: [answer] })
    expect(reply).toMatchObject({ status: 400, pointers: [`/body/answers${pointer}`] })
    await steps.submit('schoolPupil', sessionId)
  })
})

describe('an evaluation with a text', () => {
  it('is scored by hand, scored again, corrected, and the correction approved by another', async () => {
    const versionId = await steps.published('schoolManager', school.class10a, choicesAndText)
    const assignmentId = await steps.assign('schoolManager', versionId, pupil)
    const sessionId = await steps.start('schoolPupil', assignmentId)
    const answers = [...rightAnswers, { question: 'q3', answer: 'Because.' }]
    const id = await steps.submit('schoolPupil', sessionId, answers)
    expect(await resultOf(id)).toMatchObject({ scoreVersion: null, points: null, passed: null })

    const score = (points: number, afterVersion: number): ReturnType<ApiCaller['call']> =>
      api.call('schoolManager', 'POST', `/submissions/${id}/scores`, {
        points: [{ question: 'q3', points }],
        afterVersion,
      })
    expect(await score(1.25, 0)).toMatchObject({ status: 201, body: { version: 1, points: 6.25 } })
    expect(await score(2.5, 0)).toMatchObject({ status: 409 })
    expect(await score(2.5, 1)).toMatchObject({ status: 201, body: { version: 2, points: 7.5 } })
    const { items } = await api.call('schoolPupil', 'GET', `/submissions/${id}/scores`)
    expect(items.map(({ version, breakdown }) => [version, breakdown])).toEqual([
      [2, { q1: 2, q2: 3, q3: 2.5 }],
      [1, { q1: 2, q2: 3, q3: 1.25 }],
    ])

    const correct = (pointsDelta: number, scoreVersion = 2): ReturnType<ApiCaller['call']> =>
      api.call('schoolManager', 'POST', `/submissions/${id}/corrections`, {
        pointsDelta,
        scoreVersion,
        reason: 'The last sentence was overlooked',
      })
    expect(await correct(1, 1)).toMatchObject({ status: 409 })
    expect(await correct(2.51)).toMatchObject({ status: 400, pointers: ['/body/pointsDelta'] })
    const proposed = await correct(1.5)
    expect(proposed).toMatchObject({ status: 201, body: { state: 'proposed', decidedBy: null } })
    expect(await resultOf(id)).toMatchObject({ points: 7.5, correctedBy: 0 })

    const decision = `/corrections/${String(proposed.body['id'])}/decision`
    const approve = { outcome: 'approved' }
    expect(await api.call('schoolManager', 'POST', decision, approve)).toMatchObject({
      status: 409,
    })
    expect(await api.call('schoolAdmin', 'POST', decision, approve)).toMatchObject({
      status: 200,
      body: { state: 'approved', decidedBy: demo.users.schoolAdmin },
    })
    expect(await api.call('schoolAdmin', 'POST', decision, approve)).toMatchObject({ status: 409 })
    expect(await resultOf(id)).toMatchObject({ points: 9, correctedBy: 1.5, passed: true })
    expect(await correct(1.01)).toMatchObject({ status: 400 })
    expect(await score(5, 2)).toMatchObject({ status: 201 })
    expect(await resultOf(id)).toMatchObject({ points: 10, correctedBy: 0, scoreVersion: 3 })
  })
})

describe('a version', () => {
  it('can be edited while a draft, and stays as it is once published', async () => {
    const evaluationId = await steps.create('schoolManager', school.class10a)
    const id = await steps.draft('schoolManager', evaluationId, choices)
    const path = `/evaluation-versions/${id}`
    const edited = await api.call('schoolManager', 'PUT', path, { content: choicesAndText })
    expect(edited).toMatchObject({ status: 200, body: { maxPoints: 10, state: 'draft' } })
    const second = `/evaluations/${evaluationId}/versions`
    expect(await api.call('schoolManager', 'POST', second, { content: choices })).toMatchObject({
      status: 409,
    })
    expect((await api.call('schoolManager', 'POST', `${path}/publish`)).status).toBe(200)
    const late = await api.call('schoolManager', 'PUT', path, { content: choices })
    expect(late).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect((await api.call('schoolManager', 'POST', `${path}/publish`)).status).toBe(409)
    const next = await api.call('schoolManager', 'POST', second, { content: choices })
    expect(next).toMatchObject({ status: 201, body: { version: 2 } })
  })

  it('shows members neither drafts nor questions, and supervisors both', async () => {
    const evaluationId = await steps.create('schoolManager', school.class10a)
    const id = await steps.draft('schoolManager', evaluationId, choices)
    const list = `/evaluations/${evaluationId}/versions`
    expect((await api.call('schoolPupil', 'GET', list)).items).toEqual([])
    expect((await api.call('schoolPupil', 'GET', `/evaluation-versions/${id}`)).status).toBe(404)
    expect((await api.call('schoolManager', 'GET', list)).items).toHaveLength(1)
    await api.call('schoolManager', 'POST', `/evaluation-versions/${id}/publish`)
    const { body } = await api.call('schoolPupil', 'GET', `/evaluation-versions/${id}`)
    expect(body).toMatchObject({ id, content: null })
    const seen = await api.call('schoolManager', 'GET', `/evaluation-versions/${id}`)
    expect(JSON.stringify(seen.body)).toContain('correct')
  })

  it('that is withdrawn starts no session and is assigned no more', async () => {
    const id = await steps.published('schoolManager', school.class10a)
    const assignmentId = await steps.assign('schoolManager', id, pupil)
    const path = `/evaluation-versions/${id}`
    expect((await api.call('schoolManager', 'POST', `${path}/withdraw`)).status).toBe(200)
    const start = await api.call('schoolPupil', 'POST', `/assignments/${assignmentId}/sessions`)
    expect(start).toMatchObject({ status: 409 })
    const assigned = await steps.assign('schoolManager', id, demo.users.schoolManager).catch(String)
    expect(assigned).toContain('409')
  })

  it.each<[string, (content: typeof choices) => unknown, string]>([
    ['no question', () => ({ questions: [] }), '/body/content/questions'],
    [
      'a key twice',
      ({ questions: [first] }) => ({ questions: [first, first] }),
      '/body/content/questions/1/key',
    ],
    [
      'a right answer that is no option',
      ({ questions: [first] }) => ({ questions: [{ ...first, correct: 'z' }] }),
      '/body/content/questions/0/key',
    ],
    [
      'points with three decimals',
      ({ questions: [first] }) => ({ questions: [{ ...first, points: 0.125 }] }),
      '/body/content/questions/0/points',
    ],
    [
      'a field that nobody knows',
      (content) => ({ ...content, secret: true }),
      '/body/content/secret',
    ],
  ])('with %s is refused', async (_what, change, pointer) => {
    const evaluationId = await steps.create('schoolManager', school.class10a)
    const path = `/evaluations/${evaluationId}/versions`
    const reply = await api.call('schoolManager', 'POST', path, { content: change(choices) })
    expect(reply).toMatchObject({ status: 400, pointers: [pointer] })
  })
})

describe('an evaluation', () => {
  it('is listed newest first, page by page, and leaves the list when archived', async () => {
    const made = []
    for (const unit of [school.class10a, school.class10b, school.physics]) {
      made.unshift(await steps.create('schoolManager', unit))
    }
    const first = await api.call('schoolManager', 'GET', '/evaluations?limit=2')
    const after = String(first.body['next'])
    const second = await api.call('schoolManager', 'GET', `/evaluations?limit=2&after=${after}`)
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(ids.slice(0, 3)).toEqual(made)
    const path = `/evaluations/${made[0] ?? ''}`
    expect((await api.call('schoolManager', 'POST', `${path}/archive`)).status).toBe(200)
    expect((await api.call('schoolManager', 'POST', `${path}/archive`)).status).toBe(409)
    const left = await api.call('schoolManager', 'GET', '/evaluations?limit=100')
    expect(left.items.map(({ id }) => id)).not.toContain(made[0])
    const archived = await api.call('schoolManager', 'GET', '/evaluations?archived=true')
    expect(archived.items.map(({ id }) => id)).toContain(made[0])
    const change = await api.call('schoolManager', 'PATCH', path, { title: 'Other' })
    expect(change).toMatchObject({ status: 409 })
  })

  it('has a slug of its own in its org unit, and not beyond', async () => {
    const make = (orgUnitId: string): ReturnType<ApiCaller['call']> =>
      api.call('schoolManager', 'POST', '/evaluations', {
        orgUnitId,
        slug: 'twice',
        title: 'Twice',
        kind: 'exam',
      })
    const statuses = []
    for (const unit of [school.class10a, school.class10b, school.class10a]) {
      statuses.push((await make(unit)).status)
    }
    expect(statuses).toEqual([201, 201, 409])
  })
})
