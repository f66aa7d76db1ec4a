import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { why } from 'watertight/explain'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import { qualifiedName, sql } from 'watertight/sql'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoId } from '../demo-data/index.js'

/*
 * What statements that ask for nobody in particular give a member who does not supervise, where
 * others have rows in the same org units. No repository and no capability check stands between.
 */

const pupil = demo.users.schoolPupil

function schoolMember(capabilities: readonly string[]): TenantContext {
  return parseTenantContext({
    mode: 'member',
    tenantId: demo.tenants.school,
    userId: pupil,
    orgScope: 'all',
    capabilities,
  })
}

const candidate = schoolMember(['evaluations.read', 'evaluations.take'])
const supervisor = schoolMember(['evaluations.supervise'])

/** Without WHERE: ids, and as the superuser whose they are. */
const tables = {
  assignments: 'x.assignee_id',
  sessions: 'x.user_id',
  submissions: 'x.submitted_by',
  submission_items: '(select s.submitted_by from eval.submissions s where s.id = x.submission_id)',
  submission_score_versions:
    '(select s.submitted_by from eval.submissions s where s.id = x.submission_id)',
  result_corrections: `(select s.submitted_by from eval.submissions s
    join eval.submission_score_versions v on v.submission_id = s.id where v.id = x.score_version_id)`,
  correction_decisions: `(select s.submitted_by from eval.submissions s
    join eval.submission_score_versions v on v.submission_id = s.id
    join eval.result_corrections c on c.score_version_id = v.id where c.id = x.correction_id)`,
  ledger_events: 'x.actor_id',
} as const
type Table = keyof typeof tables
const names = Object.keys(tables) as Table[]

let database: PlatformDatabase
let opened: OpenTxManager

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 2)
})
afterAll(async () => {
  await opened.close()
  await database.drop()
})

async function idsSeen(context: TenantContext, table: Table): Promise<string[]> {
  const text = sql`select id from ${qualifiedName('eval', table)} order by id`.text
  return (await opened.tx.query<{ id: string }>(context, text)).rows.map(({ id }) => id)
}

/** As the superuser: of the tenant, and of the pupil in it. */
async function idsStored(table: Table): Promise<{ own: string[]; all: string[] }> {
  const { rows } = await database.admin.query<{ id: string; mine: boolean }>(
    `select x.id, coalesce(${tables[table]} = $2, false) as mine from eval.${table} x
     where x.tenant_id = $1 order by x.id`,
    [demo.tenants.school, pupil],
  )
  const own = rows.filter(({ mine }) => mine)
  return { own: own.map(({ id }) => id), all: rows.map(({ id }) => id) }
}

describe('a member who does not supervise', () => {
  it.each(names)('is given their own of %s by a statement without WHERE', async (table) => {
    const { own, all } = await idsStored(table)
    expect(all.length).toBeGreaterThan(own.length)
    expect(await idsSeen(candidate, table)).toEqual(own)
    expect(await idsSeen(supervisor, table)).toEqual(all)
  })

  it('has rows of their own and changes only them', async () => {
    const { own } = await idsStored('sessions')
    expect(own).not.toEqual([])
    const text = 'update eval.sessions set state = state'
    expect((await opened.tx.query(candidate, text)).rowCount).toBe(own.length)
  })

  it('is told so when somebody who supervises asks why', async () => {
    const { own, all } = await idsStored('sessions')
    const theirs = all.find((id) => !own.includes(id)) ?? ''
    const answer = await why(opened.tx, 'eval.sessions', theirs, candidate, { asker: supervisor })
    expect(answer).toMatchObject({
      outcome: 'hidden',
      reason: 'other-user',
      policy: 'watertight_member_own',
    })
  })

  it.each([
    [
      'an assignment',
      `insert into eval.assignments (org_unit_id, evaluation_version_id, assignee_id, assigned_by,
         opens_at, closes_at) select org_unit_id, id, $1, $1, now(), now() + interval '1 hour'
       from eval.evaluation_versions where state = 'published' limit 1`,
      [demo.users.schoolAndEvents],
    ],
    [
      'an entry of the ledger',
      `insert into eval.ledger_events (org_unit_id, kind, subject_id, actor_id)
       values ($2, 'session.started', $2, $1)`,
      [demo.users.schoolAndEvents, demo.orgUnits.school.class10a],
    ],
    [
      'an answer to a submission',
      `insert into eval.submission_items (org_unit_id, submission_id, question_key, answer,
         answered_at) values ($2, $1, 'q9', '"x"', now())`,
      [demoId('eval.submissions', 2, 2), demo.orgUnits.school.class10b],
    ],
  ])('cannot write %s for somebody else', async (_what, text, values) => {
    await expect(opened.tx.query(candidate, text, values)).rejects.toMatchObject({
      sqlState: '42501',
    })
  })
})

describe('with the guard removed', () => {
  let broken: PlatformDatabase
  let weak: OpenTxManager
  beforeAll(async () => {
    broken = await createPlatformDatabase()
    for (const table of names) {
      const name = qualifiedName('eval', table)
      await broken.admin.query(sql`drop policy watertight_member_own on ${name}`.text)
    }
    weak = await openTxManager(roleUrls(broken), broken.signingKey, 2)
  })
  afterAll(async () => {
    await weak.close()
    await broken.drop()
  })

  it.each(names)('the same statement gives everybody’s of %s', async (table) => {
    const { all } = await idsStored(table)
    const text = sql`select id from ${qualifiedName('eval', table)} order by id`.text
    const { rows } = await weak.tx.query<{ id: string }>(candidate, text)
    expect(rows.map(({ id }) => id)).toEqual(all)
  })
})
