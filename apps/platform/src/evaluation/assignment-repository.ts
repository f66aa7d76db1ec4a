import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { ListQuery } from './list-query.js'
import { byEnum, byInteger, byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** How far somebody is with what they were assigned. */
export type AssignmentStatus = 'assigned' | 'started' | 'submitted' | 'cancelled'

/** A row of `eval.assignments`, with what it is about. */
export interface AssignmentRow {
  readonly id: string
  readonly orgUnitId: string
  readonly evaluationId: string
  readonly evaluationTitle: string
  readonly versionId: string
  /** Null for auditors. */
  readonly assigneeId: string | null
  readonly assignedBy: string
  readonly status: AssignmentStatus
  readonly opensAt: Date
  readonly closesAt: Date
  readonly maxAttempts: number
  readonly createdAt: Date
}

/** Which assignments. */
export interface AssignmentFilter {
  /** Null: those of everybody in scope. */
  readonly ownerId: string | null
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly assigneeId?: string | undefined
  readonly versionId?: string | undefined
  readonly status?: AssignmentStatus | undefined
}

/** A new assignment. */
export interface NewAssignment {
  readonly versionId: string
  readonly assigneeId: string
  readonly assignedBy: string
  readonly opensAt: string
  readonly closesAt: string
  readonly maxAttempts: number
}

const columns = sql`x.id, x.org_unit_id as "orgUnitId", e.id as "evaluationId",
  e.title as "evaluationTitle", x.evaluation_version_id as "versionId",
  x.assignee_id as "assigneeId", x.assigned_by as "assignedBy", x.status, x.opens_at as "opensAt",
  x.closes_at as "closesAt", x.max_attempts as "maxAttempts", x.created_at as "createdAt"`

/** What assignments can be listed by. */
export type AssignmentSort = 'status' | 'opensAt' | 'closesAt' | 'maxAttempts' | 'createdAt'

/** The orders of the list of assignments. */
export const assignmentOrders: SortOrders<AssignmentSort> = sortOrders(
  {
    status: byEnum(sql`x.status`, sql`eval.assignment_status`),
    opensAt: byTime(sql`x.opens_at`),
    closesAt: byTime(sql`x.closes_at`),
    maxAttempts: byInteger(sql`x.max_attempts`),
    createdAt: byTime(sql`x.created_at`),
  },
  '-createdAt',
  sql`x.id`,
)

/** Assignments from the newest on; one more than the limit. */
export async function listAssignments(
  db: Queryable,
  mode: ContextMode,
  filter: AssignmentFilter,
  page: PageFilter<AssignmentSort>,
): Promise<Sorted<AssignmentRow>[]> {
  const assignments = relationFor(mode, 'eval.assignments')
  const list = new ListQuery()
  list.where('assignee_id', filter.ownerId)
  list.where('org_unit_id', filter.unitId)
  list.where('assignee_id', filter.assigneeId)
  list.where('evaluation_version_id', filter.versionId)
  list.where('status', filter.status)
  const { rows, key, order } = list.page({ relation: assignments, orders: assignmentOrders }, page)
  const text = sql`select ${columns}, ${key} from ${rows} ${subject(mode)} ${order}`.text
  return (await db.query<Sorted<AssignmentRow>>(text, list.values)).rows
}

/** What an assignment is about. */
function subject(mode: ContextMode): ReturnType<typeof relationFor> {
  return sql`join ${relationFor(mode, 'eval.evaluation_versions')} v on v.id = x.evaluation_version_id
    join eval.evaluations e on e.id = v.evaluation_id`
}

/** The assignment, if the caller may see it and, given an owner, if it is theirs. */
export async function findAssignment(
  db: Queryable,
  mode: ContextMode,
  id: string,
  ownerId: string | null,
): Promise<AssignmentRow | undefined> {
  const { rows } = await db.query<AssignmentRow>(
    sql`select ${columns} from ${relationFor(mode, 'eval.assignments')} x ${subject(mode)}
      where x.id = $1 and ($2::uuid is null or x.assignee_id = $2)`.text,
    [id, ownerId],
  )
  return rows[0]
}

/** What an assignment needs to know of its version, which stays as it is until the commit. */
export interface Assignable {
  readonly orgUnitId: string
  readonly isPublished: boolean
  readonly isArchived: boolean
}

/** The version with a lock against being withdrawn; undefined when the caller may not see it. */
export async function lockAssignable(
  db: Queryable,
  versionId: string,
): Promise<Assignable | undefined> {
  const { rows } = await db.query<Assignable>(
    `select v.org_unit_id as "orgUnitId", v.state = 'published' as "isPublished",
       e.archived_at is not null as "isArchived"
     from eval.evaluation_versions v join eval.evaluations e on e.id = v.evaluation_id
     where v.id = $1 for share of v, e`,
    [versionId],
  )
  return rows[0]
}

const seesOrgUnit = `
with recursive above as (
  select u.id, u.parent_id from core.org_units u where u.id = $2
  union all
  select u.id, u.parent_id from core.org_units u join above a on u.id = a.parent_id
)
select from core.memberships m
where m.user_id = $1 and m.status = 'active' and (m.role = 'tenant_admin' or exists (
  select from core.org_memberships p
  where p.tenant_id = m.tenant_id and p.user_id = m.user_id and (p.org_unit_id = $2
    or p.scope = 'subtree' and p.org_unit_id in (select a.id from above a))))`

/** Whether the user is an active member of the tenant who sees the org unit. */
export async function canSeeOrgUnit(
  db: Queryable,
  userId: string,
  orgUnitId: string,
): Promise<boolean> {
  const { rows } = await db.query(seesOrgUnit, [userId, orgUnitId])
  return rows.length > 0
}

/** Undefined when the version is assigned to the user and not handed in yet. */
export async function createAssignment(
  db: Queryable,
  { versionId, assigneeId, assignedBy, opensAt, closesAt, maxAttempts }: NewAssignment,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into eval.assignments (tenant_id, org_unit_id, evaluation_version_id, assignee_id,
       assigned_by, opens_at, closes_at, max_attempts)
     select v.tenant_id, v.org_unit_id, v.id, $2, $3, $4, $5, $6 from eval.evaluation_versions v where v.id = $1
     on conflict (tenant_id, evaluation_version_id, assignee_id)
       where status in ('assigned', 'started') do nothing
     returning id`,
    [versionId, assigneeId, assignedBy, opensAt, closesAt, maxAttempts],
  )
  return rows[0]?.id
}

/** The live assignment is cancelled; undefined when there is none. */
export async function cancelAssignment(db: Queryable, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `update eval.assignments set status = 'cancelled'
     where id = $1 and status in ('assigned', 'started') returning id`,
    [id],
  )
  return rows[0]?.id
}
