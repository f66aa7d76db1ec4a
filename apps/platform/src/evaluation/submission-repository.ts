import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import type { Answer } from './answers.js'
import { digestOf } from './answers.js'
import { ListQuery } from './list-query.js'
import type { SessionState } from './session-repository.js'
import { byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A row of `eval.submissions`. */
export interface SubmissionRow {
  readonly id: string
  readonly orgUnitId: string
  readonly sessionId: string
  /** Null for auditors. */
  readonly submittedBy: string | null
  readonly submittedAt: Date
  readonly answersSha256: string
  /** Null for auditors. */
  readonly comment: string | null
}

/** Which submissions. */
export interface SubmissionFilter {
  /** Null: those of everybody in scope. */
  readonly ownerId: string | null
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly sessionId?: string | undefined
}

const columns = sql`x.id, x.org_unit_id as "orgUnitId", x.session_id as "sessionId",
  x.submitted_by as "submittedBy", x.submitted_at as "submittedAt",
  encode(x.answers_sha256, 'hex') as "answersSha256", x.comment`

/** What submissions can be listed by. */
export type SubmissionSort = 'submittedAt'

/** The orders of the list of submissions. */
export const submissionOrders: SortOrders<SubmissionSort> = sortOrders(
  { submittedAt: byTime(sql`x.submitted_at`) },
  '-submittedAt',
  sql`x.id`,
)

/** Submissions from the newest on; one more than the limit. */
export async function listSubmissions(
  db: Queryable,
  mode: ContextMode,
  filter: SubmissionFilter,
  page: PageFilter<SubmissionSort>,
): Promise<Sorted<SubmissionRow>[]> {
  const submissions = relationFor(mode, 'eval.submissions')
  const list = new ListQuery()
  list.where('submitted_by', filter.ownerId)
  list.where('org_unit_id', filter.unitId)
  list.where('session_id', filter.sessionId)
  const { rows, key, order } = list.page({ relation: submissions, orders: submissionOrders }, page)
  const text = sql`select ${columns}, ${key} from ${rows} ${order}`.text
  return (await db.query<Sorted<SubmissionRow>>(text, list.values)).rows
}

/** The submission, if the caller may see it and, given an owner, if it is theirs. */
export async function findSubmission(
  db: Queryable,
  mode: ContextMode,
  id: string,
  ownerId: string | null,
): Promise<SubmissionRow | undefined> {
  const { rows } = await db.query<SubmissionRow>(
    sql`select ${columns} from ${relationFor(mode, 'eval.submissions')} x
      where x.id = $1 and ($2::uuid is null or x.submitted_by = $2)`.text,
    [id, ownerId],
  )
  return rows[0]
}

/** The answers of a submission that the caller has found. */
export async function readAnswers(db: Queryable, submissionId: string): Promise<readonly Answer[]> {
  const { rows } = await db.query<Answer>(
    `select question_key as question, answer from eval.submission_items
     where submission_id = $1 order by length(question_key), question_key`,
    [submissionId],
  )
  return rows
}

/** What handing in needs to know of its session. */
export interface OpenSession {
  readonly orgUnitId: string
  readonly userId: string
  readonly state: SessionState
  readonly isOver: boolean
  readonly content: unknown
}

/**
 * Locks the assignment and then the session, as starting and cancelling do, so that it is handed in
 * once; theirs, given an owner.
 */
export async function lockSession(
  db: Queryable,
  id: string,
  ownerId: string | null,
): Promise<OpenSession | undefined> {
  const { rows } = await db.query<OpenSession>(
    `select s.org_unit_id as "orgUnitId", s.user_id as "userId", s.state,
       s.expires_at <= clock_timestamp() as "isOver", v.content
     from eval.assignments a join eval.sessions s on s.assignment_id = a.id
     join eval.evaluation_versions v on v.id = a.evaluation_version_id
     where s.id = $1 and ($2::uuid is null or s.user_id = $2) for update of a, s`,
    [id, ownerId],
  )
  return rows[0]
}

/** The last attempt closes the assignment. */
const finish = `
with finished as (
  update eval.sessions set state = 'finished', finished_at = now() where id = $1
  returning assignment_id, attempt
)
update eval.assignments a set status = 'submitted' from finished f
where a.id = f.assignment_id and a.max_attempts <= f.attempt and a.status = 'started'`

const insertSubmission = sql`
insert into eval.submissions as x (org_unit_id, session_id, submitted_by, answers_sha256, comment)
select s.org_unit_id, s.id, s.user_id, $2, $3 from eval.sessions s where s.id = $1
returning ${columns}`.text

const insertItems = `
insert into eval.submission_items (org_unit_id, submission_id, question_key, answer, answered_at)
select $2, $3, item.question, item.answer, now()
from jsonb_to_recordset($1::jsonb) as item (question text, answer jsonb)`

/** Ends a locked session with what was handed in; a second submission fails on the unique key. */
export async function handIn(
  db: Queryable,
  sessionId: string,
  answers: readonly Answer[],
  comment: string | null,
): Promise<SubmissionRow | undefined> {
  await db.query(finish, [sessionId])
  const { rows } = await db.query<SubmissionRow>(insertSubmission, [
    sessionId,
    digestOf(answers),
    comment,
  ])
  const [row] = rows
  if (row === undefined || answers.length === 0) return row
  await db.query(insertItems, [JSON.stringify(answers), row.orgUnitId, row.id])
  return row
}
