import { sql, trustedSql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, byInteger, byEnum, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

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
  /** Days after which evidence is stale; {@link defaultFreshDays} where nobody has set it. */
  readonly freshDays: number
}

/** What controls can be listed by, with where the tenant stands. */
export type ControlStatusSort = 'code' | 'title' | 'state' | 'reviewedAt' | 'evidenceCount'

/** Which controls. */
export interface ControlStatusFilter extends PageFilter<ControlStatusSort> {
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
  /** Undefined: as it was. */
  readonly freshDays?: number | undefined
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

/** Days for which evidence is fresh where the tenant has not said otherwise. */
export const defaultFreshDays = 90

const evidenceCount = sql`(select count(*)::integer from sec.evidence e where e.control_id = c.id
   and not exists (select from sec.evidence newer where newer.supersedes_id = e.id))`
const standing = sql`coalesce(s.state, 'not_started')`

/** The orders of the list of controls with where the tenant stands. */
export const controlStatusOrders: SortOrders<ControlStatusSort> = sortOrders(
  {
    code: byText(sql`c.code`),
    title: byText(sql`c.title`),
    state: byEnum(standing, sql`sec.control_state`),
    reviewedAt: byTime(sql`s.reviewed_at`, { nullable: true }),
    evidenceCount: byInteger(evidenceCount),
  },
  'code',
  sql`c.id`,
)

// INVARIANT: what an auditor may not read of evidence is not named, so that auditors count it too.
const statusOf = sql`
select c.id as "controlId", c.framework_id as "frameworkId", c.code, c.title,
  ${standing} as state, s.owner_id as "ownerId", s.note,
  s.reviewed_at as "reviewedAt", s.updated_at as "updatedAt",
  coalesce(s.fresh_days, ${trustedSql(String(defaultFreshDays))}) as "freshDays",
  ${evidenceCount} as "evidenceCount"`
const controls = sql`sec.controls c left join sec.tenant_control_status s on s.control_id = c.id`

const one = sql`${statusOf} from ${controls} where c.id = $1`

/** A page of the controls of a framework with the tenant's standing; one more than the limit. */
export async function listControlStatus(
  db: Queryable,
  filter: ControlStatusFilter,
): Promise<Sorted<ControlStatusRow & { readonly id: string }>[]> {
  const page = pageSql(controlStatusOrders, filter)
  const { rows } = await db.query<Sorted<ControlStatusRow & { readonly id: string }>>(
    sql`${statusOf}, c.id, ${page.column} from ${controls}
      where c.framework_id = $4 and ${page.after}
        and ($5::sec.control_state is null or ${standing} = $5)
        and ($6::uuid is null or s.owner_id = $6) ${page.orderAndLimit}`.text,
    [...page.values, filter.frameworkId, filter.state, filter.ownerId],
  )
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
  { state, ownerId, note, isReviewed, freshDays }: NewControlStatus,
): Promise<void> {
  await db.query(
    `insert into sec.tenant_control_status as s
       (control_id, state, owner_id, note, reviewed_at, updated_at, fresh_days)
     values ($1, $2, $3, $4, case when $5 then now() end, now(), coalesce($6::int, $7))
     on conflict (control_id, tenant_id) do update set state = excluded.state,
       owner_id = excluded.owner_id, note = excluded.note, updated_at = now(),
       reviewed_at = coalesce(excluded.reviewed_at, s.reviewed_at),
       fresh_days = coalesce($6::int, s.fresh_days)`,
    [controlId, state, ownerId, note, isReviewed, freshDays ?? null, defaultFreshDays],
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
