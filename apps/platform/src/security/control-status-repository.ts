import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { CodePage } from './framework-repository.js'

/** How far a tenant is with a control. */
export type ControlState = 'not_started' | 'in_progress' | 'implemented' | 'not_applicable'

/** Where the tenant stands with a control; what nobody has set is `not_started`. */
export interface ControlStatusRow {
  readonly controlId: string
  readonly frameworkId: string
  readonly code: string
  readonly title: string
  readonly state: ControlState
  readonly ownerId: string | null
  readonly note: string | null
  readonly reviewedAt: Date | null
  readonly updatedAt: Date | null
  /** Pieces of evidence that are not superseded. */
  readonly evidenceCount: number
}

/** Which controls. */
export interface ControlStatusFilter extends CodePage {
  readonly frameworkId: string
  readonly state: ControlState | null
  readonly ownerId: string | null
}

/** What is set of a control. */
export interface NewControlStatus {
  readonly state: ControlState
  readonly ownerId: string | null
  readonly note: string | null
  readonly isReviewed: boolean
}

/** How many controls of a framework are how far. */
export interface ComplianceSummary {
  readonly frameworkId: string
  readonly code: string
  readonly edition: string
  readonly title: string
  readonly controls: number
  readonly implemented: number
  readonly inProgress: number
  readonly notStarted: number
  readonly notApplicable: number
  /** Controls with at least one piece of evidence that is not superseded. */
  readonly withEvidence: number
}

// INVARIANT: what an auditor may not read of evidence is not named, so that auditors count it too.
const statusOf = sql`
select c.id as "controlId", c.framework_id as "frameworkId", c.code, c.title,
  coalesce(s.state, 'not_started') as state, s.owner_id as "ownerId", s.note,
  s.reviewed_at as "reviewedAt", s.updated_at as "updatedAt",
  (select count(*)::integer from sec.evidence e where e.control_id = c.id
   and not exists (select from sec.evidence newer where newer.supersedes_id = e.id)) as "evidenceCount"
from sec.controls c left join sec.tenant_control_status s on s.control_id = c.id`

const listed = sql`${statusOf}
where c.framework_id = $4 and ($1::text is null or (c.code collate "C", c.id) > ($1, $2::uuid))
  and ($5::sec.control_state is null or coalesce(s.state, 'not_started') = $5)
  and ($6::uuid is null or s.owner_id = $6)
order by c.code collate "C", c.id limit $3`

const one = sql`${statusOf} where c.id = $1`

/** The controls of a framework with the tenant's standing, in the order of their codes. */
export async function listControlStatus(
  db: Queryable,
  { after, limit, frameworkId, state, ownerId }: ControlStatusFilter,
): Promise<ControlStatusRow[]> {
  const page = [after?.key ?? null, after?.id ?? null, limit + 1]
  const { rows } = await db.query<ControlStatusRow>(listed.text, [
    ...page,
    frameworkId,
    state,
    ownerId,
  ])
  return rows
}

/** The tenant's standing with a control; undefined when there is no such control. */
export async function findControlStatus(
  db: Queryable,
  controlId: string,
): Promise<ControlStatusRow | undefined> {
  const { rows } = await db.query<ControlStatusRow>(one.text, [controlId])
  return rows[0]
}

/** Sets where the tenant stands with a control that exists. */
export async function setControlStatus(
  db: Queryable,
  controlId: string,
  { state, ownerId, note, isReviewed }: NewControlStatus,
): Promise<void> {
  await db.query(
    `insert into sec.tenant_control_status as s
       (control_id, state, owner_id, note, reviewed_at, updated_at)
     values ($1, $2, $3, $4, case when $5 then now() end, now())
     on conflict (control_id, tenant_id) do update set state = excluded.state,
       owner_id = excluded.owner_id, note = excluded.note, updated_at = now(),
       reviewed_at = coalesce(excluded.reviewed_at, s.reviewed_at)`,
    [controlId, state, ownerId, note, isReviewed],
  )
}

/** The tenant's standing with each framework, those of most controls first; at most 100. */
export async function summarizeCompliance(db: Queryable): Promise<ComplianceSummary[]> {
  const { rows } = await db.query<ComplianceSummary>(
    `select f.id as "frameworkId", f.code, f.edition, f.title, count(c.id)::integer as controls,
       count(*) filter (where s.state = 'implemented')::integer as implemented,
       count(*) filter (where s.state = 'in_progress')::integer as "inProgress",
       count(c.id) filter (where coalesce(s.state, 'not_started') = 'not_started')::integer
         as "notStarted",
       count(*) filter (where s.state = 'not_applicable')::integer as "notApplicable",
       count(c.id) filter (where exists (select from sec.evidence e where e.control_id = c.id
         and not exists (select from sec.evidence newer where newer.supersedes_id = e.id)))::integer
         as "withEvidence"
     from sec.frameworks f
     left join sec.controls c on c.framework_id = f.id
     left join sec.tenant_control_status s on s.control_id = c.id
     group by f.id order by count(c.id) desc, f.code, f.edition limit 100`,
  )
  return rows
}
