import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import { qualifiedName, sql } from 'watertight/sql'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { window } from '../../test/evaluation-steps.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoActors, demoId } from '../demo-data/index.js'
import { createAssignment } from './assignment-repository.js'
import { appendToLedger } from './ledger-repository.js'

/*
 * What the database keeps of evaluations whoever writes: every statement runs as the app role in the
 * context of the tenant admin, who sees all org units, so that no policy is what refuses it.
 */

const { school } = demo.orgUnits
const id = (table: Parameters<typeof demoId>[0], row: number): string => demoId(table, 2, row)
const published = id('eval.evaluation_versions', 11)
const finished = id('eval.sessions', 1)
const open = id('eval.sessions', 4)

interface World {
  readonly database: PlatformDatabase
  readonly opened: OpenTxManager
}

async function openWorld(): Promise<World> {
  const database = await createPlatformDatabase()
  return { database, opened: await openTxManager(roleUrls(database), database.signingKey, 2) }
}

async function closeWorld({ database, opened }: World): Promise<void> {
  await opened.close()
  await database.drop()
}

class Undone extends Error {}

/** Runs the statement and undoes it; how many rows it touched. */
async function tried(
  { opened }: World,
  text: string,
  values: readonly unknown[],
): Promise<number | null> {
  const context = parseTenantContext(demoActors.schoolAdmin.claims)
  let touched: number | null = 0
  try {
    await opened.tx.run(context, async (tx) => {
      touched = (await tx.query(text, values)).rowCount
      throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  return touched
}

type Attempt = readonly [what: string, sqlState: string, text: string, values: readonly unknown[]]

/** Refused by triggers and references, which a superuser can switch off. */
const guarded: readonly Attempt[] = [
  [
    'other content for a published version',
    '23001',
    `update eval.evaluation_versions set content = '{"questions": []}' where id = $1`,
    [published],
  ],
  [
    'an earlier publication',
    '23001',
    `update eval.evaluation_versions set published_at = published_at - interval '1 day'
     where id = $1`,
    [published],
  ],
  [
    'other points for a published version',
    '23001',
    'update eval.evaluation_versions set max_points = 1 where id = $1',
    [published],
  ],
  [
    'a finished session as an open one',
    '23001',
    `update eval.sessions set state = 'open', finished_at = null where id = $1`,
    [finished],
  ],
  [
    'more time for an open session',
    '23001',
    `update eval.sessions set expires_at = expires_at + interval '1 day' where id = $1`,
    [open],
  ],
  [
    'another attempt at what was handed in',
    '23001',
    `update eval.assignments set status = 'assigned' where id = $1`,
    [id('eval.assignments', 1)],
  ],
  [
    'a session of somebody else than the assignee',
    '23503',
    `insert into eval.sessions (org_unit_id, assignment_id, user_id, attempt, expires_at)
     select org_unit_id, id, $2, 2, now() + interval '1 hour' from eval.assignments where id = $1`,
    [id('eval.assignments', 1), demo.users.schoolManager],
  ],
  [
    'a submission of somebody else than the candidate',
    '23503',
    `insert into eval.submissions (org_unit_id, session_id, submitted_by, answers_sha256)
     select org_unit_id, id, $2, sha256('') from eval.sessions where id = $1`,
    [open, demo.users.schoolManager],
  ],
  [
    'a version in another org unit than its evaluation',
    '23503',
    `insert into eval.evaluation_versions (org_unit_id, evaluation_id, version, content,
       max_points, content_sha256, state, published_at, published_by)
     select $2, evaluation_id, 7, content, max_points, content_sha256, 'published', now(), $3
     from eval.evaluation_versions where id = $1`,
    [published, school.class10b, demo.users.schoolAdmin],
  ],
  [
    'an assignment in another org unit than its version',
    '23503',
    `insert into eval.assignments (org_unit_id, evaluation_version_id, assignee_id, assigned_by,
       opens_at, closes_at) values ($2, $1, $3, $4, now(), now() + interval '1 hour')`,
    [published, school.class10b, demo.users.schoolPupil, demo.users.schoolAdmin],
  ],
  [
    'an assignment of a user of another tenant',
    '23503',
    `insert into eval.assignments (org_unit_id, evaluation_version_id, assignee_id, assigned_by,
       opens_at, closes_at) values ($2, $1, $3, $4, now(), now() + interval '1 hour')`,
    [published, school.class10a, demo.users.securityAnalyst, demo.users.schoolAdmin],
  ],
  [
    'a correction of a score in another org unit',
    '23503',
    `insert into eval.result_corrections (org_unit_id, score_version_id, points_delta, reason,
       corrected_by) values ($2, $1, 1, 'Elsewhere', $3)`,
    [id('eval.submission_score_versions', 1), school.class10b, demo.users.schoolAdmin],
  ],
]

/** Refused by grants and by constraints on the row itself. */
const refused: readonly Attempt[] = [
  ...['submissions', 'submission_items', 'submission_score_versions', 'result_corrections']
    .concat('correction_decisions', 'ledger_events')
    .flatMap((table): Attempt[] => {
      const name = qualifiedName('eval', table)
      const update = sql`update ${name} set org_unit_id = org_unit_id where id <> $1`.text
      const remove = sql`delete from ${name} where id <> $1`.text
      return [
        [`a change of ${table}`, '42501', update, [published]],
        [`a loss of ${table}`, '42501', remove, [published]],
      ]
    }),
  [
    'the loss of a published version',
    '42501',
    'delete from eval.evaluation_versions where id = $1',
    [published],
  ],
  [
    'a second submission of a session',
    '23505',
    `insert into eval.submissions (org_unit_id, session_id, submitted_by, answers_sha256)
     select org_unit_id, session_id, submitted_by, answers_sha256
     from eval.submissions where session_id = $1`,
    [finished],
  ],
  [
    'a second open session of an assignment',
    '23505',
    `insert into eval.sessions (org_unit_id, assignment_id, user_id, attempt, expires_at)
     select org_unit_id, assignment_id, user_id, 2, now() + interval '1 hour'
     from eval.sessions where id = $1`,
    [open],
  ],
  [
    'a correction decided by whoever made it',
    '23514',
    `insert into eval.correction_decisions (org_unit_id, correction_id, corrected_by, outcome,
       decided_by) select org_unit_id, id, corrected_by, 'approved', corrected_by
     from eval.result_corrections where id = $1`,
    [id('eval.result_corrections', 1)],
  ],
]

describe('the database', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => closeWorld(world))

  it.each([...guarded, ...refused])('refuses %s', async (_what, sqlState, text, values) => {
    await expect(tried(world, text, values)).rejects.toMatchObject({ sqlState })
  })

  it('keeps a published version from its owner and a superuser, too', async () => {
    const { admin } = world.database
    for (const text of [
      'delete from eval.evaluation_versions where id = $1',
      `update eval.evaluation_versions set version = 7 where id = $1`,
    ]) {
      await expect(admin.query(text, [published])).rejects.toMatchObject({ code: '23001' })
    }
  })

  it('lets a draft change, and a session end', async () => {
    const draft = `update eval.evaluation_versions set max_points = 7 where id = $1`
    expect(await tried(world, draft, [id('eval.evaluation_versions', 12)])).toBe(1)
    const end = `update eval.sessions set state = 'finished', finished_at = now() where id = $1`
    expect(await tried(world, end, [open])).toBe(1)
  })

  it('numbers ledger events itself, whatever number is claimed', async () => {
    const context = parseTenantContext(demoActors.schoolAdmin.claims)
    const { rows } = await world.opened.tx.query(
      context,
      `insert into eval.ledger_events (org_unit_id, kind, subject_id, sequence)
       values ($1, 'session.started', $2, 1000), ($1, 'session.started', $2, 1)
       returning sequence::int`,
      [school.class10a, open],
    )
    expect(rows).toEqual([{ sequence: 5 }, { sequence: 6 }])
  })

  it('lets platform support with a writing grant assign, in the ledger of the tenant', async () => {
    const context = parseTenantContext(demoActors.platformWritable.claims)
    const assigneeId = demo.users.schoolPupil
    const assignedBy = demo.users.platformSupport
    const change = { versionId: published, assigneeId, assignedBy, maxAttempts: 1, ...window() }
    const orgUnitId = school.class10a
    await world.opened.tx.run(context, async (tx) => {
      const subjectId = (await createAssignment(tx, change)) ?? ''
      const entry = { orgUnitId, subjectId, payload: {} }
      await appendToLedger(tx, assignedBy, { kind: 'assignment.created', ...entry })
    })
    const { rows } = await world.database.admin.query(
      `select e.tenant_id, a.org_unit_id from eval.ledger_events e
       join eval.assignments a on a.id = e.subject_id where e.actor_id = $1`,
      [assignedBy],
    )
    expect(rows).toEqual([{ tenant_id: demo.tenants.school, org_unit_id: orgUnitId }])
  })
})

describe('with triggers and references switched off', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
    for (const table of [
      'evaluation_versions',
      'assignments',
      'sessions',
      'submissions',
      'result_corrections',
    ]) {
      const name = qualifiedName('eval', table)
      await world.database.admin.query(sql`alter table ${name} disable trigger all`.text)
    }
  })
  afterAll(() => closeWorld(world))

  it.each(guarded)('the same role can have %s', async (_what, _sqlState, text, values) => {
    expect(await tried(world, text, values)).toBe(1)
  })
})
