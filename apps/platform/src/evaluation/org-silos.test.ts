import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import {
  choices,
  choicesAndText,
  EvaluationSteps,
  rightAnswers,
  window,
} from '../../test/evaluation-steps.js'
import { crossingsOf } from '../../test/silo-probe.js'
import type { Crossing, Silo } from '../../test/silo-probe.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { evaluationRoutes } from './routes.js'

const { school } = demo.orgUnits
const { schoolPupil: pupil, schoolAndEvents: classmate } = demo.users

const tables = [
  'evaluations',
  'evaluation_versions',
  'assignments',
  'sessions',
  'submissions',
  'submission_items',
  'submission_score_versions',
  'result_corrections',
  'correction_decisions',
  'ledger_events',
] as const

/** A platform in which class 10b has gone through everything that an evaluation can. */
interface World {
  readonly api: ApiCaller
  readonly steps: EvaluationSteps
  readonly silo: Silo
}

const manager: DemoActorKey = 'schoolManager'
const score = { points: [{ question: 'q3', points: 3 }], afterVersion: 0 }
const correct = { scoreVersion: 1, pointsDelta: 1, reason: 'The sum was wrong' }

async function openWorld(): Promise<World> {
  const api = await openApiCaller(evaluationRoutes)
  const steps = new EvaluationSteps(api)
  const published = await steps.published(manager, school.class10b, choicesAndText)
  const taken = await steps.start(
    'schoolClassmate',
    await steps.assign(manager, published, classmate),
  )
  const answers = [...rightAnswers, { question: 'q3', answer: 'Because.' }]
  const submissionId = await steps.submit('schoolClassmate', taken, answers)
  await api.call(manager, 'POST', `/submissions/${submissionId}/scores`, score)
  const path = `/submissions/${submissionId}/corrections`
  const correction = await api.call('schoolAdmin', 'POST', path, correct)
  const correctionId = String(correction.body['id'])
  const evaluationId = await steps.create(manager, school.class10b)
  const versionId = await steps.draft(manager, evaluationId, choices)
  const open = await steps.published(manager, school.class10b)
  const assignmentId = await steps.assign(manager, open, classmate, { maxAttempts: 2 })
  const sessionId = await steps.start('schoolClassmate', assignmentId)
  const ids = { evaluationId, versionId, assignmentId, sessionId, submissionId, correctionId }
  return { api, steps, silo: { ids, bodies, queries: queriesOf(ids), rows: await rowsOf(api) } }
}

const bodies: Silo['bodies'] = {
  createEvaluation: {
    orgUnitId: school.class10b,
    slug: 'planted',
    title: 'Planted',
    kind: 'exam',
  },
  changeEvaluation: { title: 'Mine' },
  draftEvaluationVersion: { content: choices },
  changeEvaluationVersion: { content: choices },
  createAssignment: { assigneeId: pupil, ...window() },
  submitEvaluationSession: { answers: rightAnswers },
  scoreSubmission: { ...score, afterVersion: 1 },
  correctResult: correct,
  decideCorrection: { outcome: 'approved' },
}

function queriesOf(ids: Silo['ids']): Silo['queries'] {
  const of = (name: string, id = ids[name] ?? ''): string => `&${name}=${id}`
  return {
    listEvaluations: [of('orgUnitId', school.class10b), '&archived=true'],
    listAssignments: [of('versionId'), of('assigneeId', classmate)],
    listEvaluationSessions: [of('assignmentId')],
    listSubmissions: [of('sessionId')],
    listResults: [of('evaluationId'), of('userId', classmate)],
    listLedgerEvents: [of('subjectId', ids['sessionId'])],
  }
}

async function rowsOf({ database }: ApiCaller): Promise<string[]> {
  const selects = tables.map(
    (table) => sql`select id::text from ${qualifiedName('eval', table)} where org_unit_id = $1`,
  )
  const text = joinSql(selects, ' union all ').text
  const { rows } = await database.admin.query<{ id: string }>(text, [school.class10b])
  return rows.map(({ id }) => id)
}

/** Everything that the silo holds, as one value. */
async function contentsOf({ database }: ApiCaller): Promise<unknown> {
  const selects = tables.map(
    (table) =>
      sql`select to_jsonb(r) as row from ${qualifiedName('eval', table)} r where org_unit_id = $1`,
  )
  const text = joinSql(selects, ' union all ').text
  const { rows } = await database.admin.query(
    `select md5(string_agg(row::text, '' order by row))
    from (${text}) rows`,
    [school.class10b],
  )
  return rows
}

/** Makes the pupil of class 10a the one who manages it with all below, which is nothing. */
async function promote({ database }: ApiCaller, role: 'org_manager' | 'member'): Promise<void> {
  await database.admin.query(
    'update core.memberships set role = $2 where user_id = $1 and tenant_id = $3',
    [pupil, role, demo.tenants.school],
  )
  // Lists of one unit name it beside the policies, which would stop the probe where one is broken.
  await database.admin.query(
    'update core.org_memberships set scope = $2 where user_id = $1 and org_unit_id = $3',
    [pupil, role === 'member' ? 'unit' : 'subtree', school.class10a],
  )
}

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.api.close())

describe('over HTTP', () => {
  it('somebody of the silo and whoever manages it reach what the probe asks for', async () => {
    const { api, silo } = world
    const reads = evaluationRoutes.filter(({ method }) => method === 'GET')
    for (const actor of ['schoolManager', 'schoolAdmin'] as const) {
      const reached = await crossingsOf(api, reads, silo, actor)
      expect(new Set(reached.map(({ route }) => route))).toEqual(new Set(reads.map(({ id }) => id)))
    }
    const own = await crossingsOf(api, reads, silo, 'schoolClassmate')
    expect(own.map(({ route }) => route)).toContain('getEvaluationSession')
  })

  it.each<[string, DemoActorKey, 'org_manager' | 'member']>([
    ['a pupil of the sibling class', 'schoolPupil', 'member'],
    ['the manager of the sibling class', 'schoolPupil', 'org_manager'],
    ['the tenant admin of another tenant', 'securityAdmin', 'member'],
    ['the same person as staff of another tenant', 'eventsStaff', 'member'],
  ])(
    '%s reaches no row of the class, by list, by id or by reference',
    async (_who, actor, role) => {
      const { api, silo } = world
      const before = await contentsOf(api)
      await promote(api, role)
      expect(await crossingsOf(api, evaluationRoutes, silo, actor)).toEqual([])
      expect(await contentsOf(api)).toEqual(before)
      await promote(api, 'member')
    },
  )

  it('nobody is assigned what they cannot see, nor told whether they exist', async () => {
    const { api, steps } = world
    await promote(api, 'org_manager')
    const versionId = await steps.published('schoolPupil', school.class10a)
    const path = `/evaluation-versions/${versionId}/assignments`
    const replies = []
    for (const assigneeId of [
      classmate,
      demo.users.securityAnalyst,
      '00000000-0000-4000-8000-000000000000',
    ]) {
      const body = { assigneeId, ...window() }
      replies.push(await api.call('schoolPupil', 'POST', path, body))
    }
    const told = replies.map(({ status, body }) => [status, body['errors']])
    const detail = 'is nobody who can see the org unit'
    const answer = [400, [{ pointer: '/body/assigneeId', detail }]]
    expect(told).toEqual([answer, answer, answer])
    await promote(api, 'member')
  })

  it('a plain member sees own rows only, even of the own class', async () => {
    const { api, steps } = world
    const versionId = await steps.published(manager, school.class10a)
    await api.database.admin.query(
      `insert into core.org_memberships (tenant_id, user_id, org_unit_id) values ($1, $2, $3)`,
      [demo.tenants.school, classmate, school.class10a],
    )
    const theirs = await steps.assign(manager, versionId, classmate)
    const read = await api.call('schoolPupil', 'GET', `/assignments/${theirs}`)
    const list = await api.call('schoolPupil', 'GET', `/assignments?versionId=${versionId}`)
    const start = await api.call('schoolPupil', 'POST', `/assignments/${theirs}/sessions`)
    expect([read.status, list.items, start.status]).toEqual([404, [], 404])
    const supervised = await api.call(manager, 'POST', `/assignments/${theirs}/sessions`)
    expect(supervised).toMatchObject({ status: 409 })
  })
})

describe('with a policy broken', () => {
  const through = (found: readonly Crossing[]): string[] => [
    ...new Set(found.map(({ route }) => route)),
  ]

  it.each<[string, readonly (typeof tables)[number][], string[]]>([
    [
      'definitions',
      ['evaluations', 'evaluation_versions'],
      ['listEvaluations', 'getEvaluation', 'getEvaluationVersion'],
    ],
    [
      'sessions and events',
      ['sessions', 'ledger_events'],
      ['listEvaluationSessions', 'listLedgerEvents'],
    ],
    [
      'submissions and scores',
      ['submissions', 'submission_score_versions'],
      ['listSubmissions', 'getSubmission', 'listScores'],
    ],
  ])('the probe reads %s of the class', async (_what, broken, expected) => {
    const { api, silo } = world
    const reads = evaluationRoutes.filter(({ method }) => method === 'GET')
    const rls = async (change: 'enable' | 'disable'): Promise<void> => {
      for (const table of broken) {
        const verb = change === 'enable' ? sql`enable` : sql`disable`
        const text = sql`alter table ${qualifiedName('eval', table)} ${verb} row level security`
        await api.database.admin.query(text.text)
      }
    }
    await promote(api, 'org_manager')
    await rls('disable')
    try {
      const found = await crossingsOf(api, reads, silo, 'schoolPupil')
      expect(through(found)).toEqual(expect.arrayContaining(expected))
    } finally {
      await rls('enable')
      await promote(api, 'member')
    }
  })

  it('the probe changes the class when a careless policy comes without the guard', async () => {
    const { api, silo } = world
    const { admin } = api.database
    const role = ident(api.database.role('app'))
    for (const table of ['evaluations', 'evaluation_versions', 'ledger_events'] as const) {
      const name = qualifiedName('eval', table)
      await admin.query(sql`drop policy watertight_member_guard on ${name}`.text)
      await admin.query(sql`create policy careless on ${name} to ${role} using (true)`.text)
    }
    await promote(api, 'org_manager')
    const writes = evaluationRoutes.filter(({ method }) => method !== 'GET')
    const found = await crossingsOf(api, writes, silo, 'schoolPupil')
    expect(through(found)).toEqual(
      expect.arrayContaining(['changeEvaluation', 'publishEvaluationVersion']),
    )
  })
})
