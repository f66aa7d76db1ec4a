import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import type { AssignmentStatus } from './assignment-repository.js'
import { ListQuery } from './list-query.js'
import type { VersionState } from './version-repository.js'
import { byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Whether a sitting goes on. */
export type SessionState = 'open' | 'finished' | 'expired'

/** A row of `eval.sessions`. */
export interface SessionRow {
  readonly id: string
  readonly orgUnitId: string
  readonly assignmentId: string
  /** Null for auditors. */
  readonly userId: string | null
  readonly attempt: number
  /** An open session whose time is over is expired, whether or not the row says so yet. */
  readonly state: SessionState
  readonly startedAt: Date
  readonly expiresAt: Date
  readonly finishedAt: Date | null
}

/** Which sessions. */
export interface SessionFilter {
  /** Null: those of everybody in scope. */
  readonly ownerId: string | null
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly assignmentId?: string | undefined
}

const isOver = sql`x.state = 'open' and x.expires_at <= clock_timestamp()`

const columns = sql`x.id, x.org_unit_id as "orgUnitId", x.assignment_id as "assignmentId",
  x.user_id as "userId", x.attempt,
  case when ${isOver} then 'expired' else x.state end as state,
  x.started_at as "startedAt", x.expires_at as "expiresAt", x.finished_at as "finishedAt"`

/** What sessions can be listed by. */
export type SessionSort = 'startedAt'

/** The orders of the list of sessions. */
export const sessionOrders: SortOrders<SessionSort> = sortOrders(
  { startedAt: byTime(sql`x.started_at`) },
  '-startedAt',
  sql`x.id`,
)

/** Sessions from the newest on; one more than the limit. */
export async function listSessions(
  db: Queryable,
  mode: ContextMode,
  filter: SessionFilter,
  page: PageFilter<SessionSort>,
): Promise<Sorted<SessionRow>[]> {
  const sessions = relationFor(mode, 'eval.sessions')
  const list = new ListQuery()
  list.where('user_id', filter.ownerId)
  list.where('org_unit_id', filter.unitId)
  list.where('assignment_id', filter.assignmentId)
  const { rows, key, order } = list.page({ relation: sessions, orders: sessionOrders }, page)
  const text = sql`select ${columns}, ${key} from ${rows} ${order}`.text
  return (await db.query<Sorted<SessionRow>>(text, list.values)).rows
}

/** A session with what it asks. */
export interface SessionDetail extends SessionRow {
  /** As stored, right answers included; null for auditors. */
  readonly content: unknown
}

/** The session, if the caller may see it and, given an owner, if it is theirs. */
export async function findSession(
  db: Queryable,
  mode: ContextMode,
  id: string,
  ownerId: string | null,
): Promise<SessionDetail | undefined> {
  const { rows } = await db.query<SessionDetail>(
    sql`select ${columns}, v.content from ${relationFor(mode, 'eval.sessions')} x
      join ${relationFor(mode, 'eval.assignments')} a on a.id = x.assignment_id
      join ${relationFor(mode, 'eval.evaluation_versions')} v on v.id = a.evaluation_version_id
      where x.id = $1 and ($2::uuid is null or x.user_id = $2)`.text,
    [id, ownerId],
  )
  return rows[0]
}

/** What starting a session needs to know of its assignment. */
export interface StartableAssignment {
  readonly orgUnitId: string
  readonly assigneeId: string
  readonly status: AssignmentStatus
  readonly isOpen: boolean
  readonly maxAttempts: number
  readonly closesAt: Date
  readonly versionState: VersionState
  readonly content: unknown
}

/** Locks the assignment, so that sessions of it start one after the other; theirs, given an owner. */
export async function lockAssignment(
  db: Queryable,
  id: string,
  ownerId: string | null,
): Promise<StartableAssignment | undefined> {
  const { rows } = await db.query<StartableAssignment>(
    `select a.org_unit_id as "orgUnitId", a.assignee_id as "assigneeId", a.status,
       a.opens_at <= now() and a.closes_at > now() as "isOpen", a.max_attempts as "maxAttempts",
       a.closes_at as "closesAt", v.state as "versionState", v.content
     from eval.assignments a join eval.evaluation_versions v on v.id = a.evaluation_version_id
     where a.id = $1 and ($2::uuid is null or a.assignee_id = $2) for update of a`,
    [id, ownerId],
  )
  return rows[0]
}

/** Sessions of an assignment so far, read after its lock. */
export async function readAttempts(
  db: Queryable,
  assignmentId: string,
): Promise<{ readonly count: number; readonly hasOpen: boolean }> {
  const { rows } = await db.query<{ count: number; hasOpen: boolean }>(
    sql`select count(*)::int as count,
        coalesce(bool_or(x.state = 'open' and not (${isOver})), false) as "hasOpen"
      from eval.sessions x where x.assignment_id = $1`.text,
    [assignmentId],
  )
  return rows[0] ?? { count: 0, hasOpen: false }
}

/** Ends the open sessions of an assignment, and says which; none or one. */
export async function expireOpenSessions(
  db: Queryable,
  assignmentId: string,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `update eval.sessions set state = 'expired'
     where assignment_id = $1 and state = 'open' returning id`,
    [assignmentId],
  )
  return rows.map(({ id }) => id)
}

const insertSession: Sql = sql`
  insert into eval.sessions as x (org_unit_id, assignment_id, user_id, attempt, expires_at)
  select a.org_unit_id, a.id, a.assignee_id, $2,
    least(a.closes_at, now() + make_interval(mins => $3::int))
  from started a returning ${columns}`

/** The next session of a locked assignment, which ends with it or after the time limit. */
export async function insertSessionOf(
  db: Queryable,
  assignmentId: string,
  attempt: number,
  timeLimitMinutes: number | null,
): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(
    sql`with started as (
        update eval.assignments set status = 'started' where id = $1
        returning id, org_unit_id, assignee_id, closes_at)
      ${insertSession}`.text,
    [assignmentId, attempt, timeLimitMinutes],
  )
  return rows[0]
}
