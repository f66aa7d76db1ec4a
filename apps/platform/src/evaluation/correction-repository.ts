import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { ListQuery } from './list-query.js'
import { byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What a second person made of a correction; only an approved one counts. */
export type CorrectionState = 'proposed' | 'approved' | 'rejected'

/** A row of `eval.result_corrections` with the answer to it. */
export interface CorrectionRow {
  readonly id: string
  readonly orgUnitId: string
  readonly submissionId: string
  readonly scoreVersion: number
  readonly pointsDelta: number
  readonly reason: string
  readonly correctedBy: string
  readonly correctedAt: Date
  readonly state: CorrectionState
  readonly decidedBy: string | null
}

/**
 * Whether the correction `x` with the decision `d` is one of `eval.result_corrections.approved_by`,
 * that came with its approval, or was decided here.
 */
export const correctionState: Sql = sql`case when x.approved_by is not null then 'approved'
  else coalesce(d.outcome::text, 'proposed') end`

const columns = sql`x.id, x.org_unit_id as "orgUnitId", c.submission_id as "submissionId",
  c.version as "scoreVersion", x.points_delta::float8 as "pointsDelta", x.reason,
  x.corrected_by as "correctedBy", x.corrected_at as "correctedAt", ${correctionState} as state,
  coalesce(x.approved_by, d.decided_by) as "decidedBy"`

/** `score` is the table or what an auditor reads of it. */
function corrections(score: Sql, rows = sql`eval.result_corrections x`, shown = columns): Sql {
  return sql`select ${shown} from ${rows}
    join ${score} c on c.id = x.score_version_id
    left join eval.correction_decisions d on d.correction_id = x.id`
}

/** Which corrections. */
export interface CorrectionFilter {
  /** The relation of scores for the mode of the caller. */
  readonly scores: Sql
  readonly submissionId: string
}

/** What corrections can be listed by. */
export type CorrectionSort = 'correctedAt'

/** The orders of the list of corrections. */
export const correctionOrders: SortOrders<CorrectionSort> = sortOrders(
  { correctedAt: byTime(sql`x.corrected_at`) },
  '-correctedAt',
  sql`x.id`,
)

/** Corrections of a submission that the caller has found, from the newest on. */
export async function listCorrections(
  db: Queryable,
  { scores, submissionId }: CorrectionFilter,
  page: PageFilter<CorrectionSort>,
): Promise<Sorted<CorrectionRow>[]> {
  const list = new ListQuery()
  const own = sql`select c.id from ${scores} c where c.submission_id = ${list.value(submissionId)}`
  list.and(sql`x.score_version_id in (${own})`)
  const relation = sql`eval.result_corrections`
  const { rows, key, order } = list.page({ relation, orders: correctionOrders }, page)
  const text = sql`${corrections(scores, rows, sql`${columns}, ${key}`)} ${order}`.text
  return (await db.query<Sorted<CorrectionRow>>(text, list.values)).rows
}

/** The correction, if the caller may see it. */
export async function findCorrection(
  db: Queryable,
  id: string,
): Promise<CorrectionRow | undefined> {
  const scores = sql`eval.submission_score_versions`
  const { rows } = await db.query<CorrectionRow>(sql`${corrections(scores)} where x.id = $1`.text, [
    id,
  ])
  return rows[0]
}

/** What the corrections of a score add up to, without the rejected ones. */
export async function sumOfCorrections(db: Queryable, scoreVersionId: string): Promise<number> {
  const { rows } = await db.query<{ sum: number }>(
    sql`select coalesce(sum(x.points_delta), 0)::float8 as sum from eval.result_corrections x
      left join eval.correction_decisions d on d.correction_id = x.id
      where x.score_version_id = $1 and ${correctionState} <> 'rejected'`.text,
    [scoreVersionId],
  )
  return rows[0]?.sum ?? 0
}

/** A new correction. */
export interface NewCorrection {
  readonly scoreVersionId: string
  readonly pointsDelta: number
  readonly reason: string
  readonly correctedBy: string
}

/** Appends a correction, in the org unit of its score, and says its id. */
export async function insertCorrection(
  db: Queryable,
  { scoreVersionId, pointsDelta, reason, correctedBy }: NewCorrection,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into eval.result_corrections
       (org_unit_id, score_version_id, points_delta, reason, corrected_by)
     select c.org_unit_id, c.id, $2, $3, $4 from eval.submission_score_versions c where c.id = $1
     returning id`,
    [scoreVersionId, pointsDelta, reason, correctedBy],
  )
  return rows[0]?.id
}

/** A second person's answer. */
export interface Decision {
  readonly correctionId: string
  readonly outcome: 'approved' | 'rejected'
  readonly decidedBy: string
  readonly note: string | null
}

/** False when the correction is decided already. */
export async function decideCorrection(
  db: Queryable,
  { correctionId, outcome, decidedBy, note }: Decision,
): Promise<boolean> {
  const { rows } = await db.query(
    `insert into eval.correction_decisions
       (org_unit_id, correction_id, corrected_by, outcome, decided_by, note)
     select x.org_unit_id, x.id, x.corrected_by, $2, $3, $4
     from eval.result_corrections x where x.id = $1
     on conflict (tenant_id, correction_id) do nothing returning id`,
    [correctionId, outcome, decidedBy, note],
  )
  return rows.length > 0
}
