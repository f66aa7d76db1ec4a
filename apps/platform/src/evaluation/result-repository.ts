import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { correctionState } from './correction-repository.js'
import { ListQuery } from './list-query.js'
import { byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What came of a submission. */
export interface ResultRow {
  /** Of the submission. */
  readonly id: string
  readonly orgUnitId: string
  readonly evaluationId: string
  readonly evaluationTitle: string
  readonly version: number
  readonly attempt: number
  /** Null for auditors. */
  readonly userId: string | null
  readonly submittedAt: Date
  /** Null, as the points are, until there is a score. */
  readonly scoreVersion: number | null
  readonly scoredPoints: number | null
  readonly correctedBy: number | null
  readonly points: number | null
  readonly maxPoints: number
  readonly passed: boolean | null
}

/** Which results. */
export interface ResultFilter {
  /** Null: those of everybody in scope. */
  readonly ownerId: string | null
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly userId?: string | undefined
  readonly evaluationId?: string | undefined
}

/** What results can be listed by. */
export type ResultSort = 'submittedAt'

/** The orders of the list of results. */
export const resultOrders: SortOrders<ResultSort> = sortOrders(
  { submittedAt: byTime(sql`x.submitted_at`) },
  '-submittedAt',
  sql`x.id`,
)

/** Results by submission, the newest first: the latest score with its approved corrections. */
export async function listResults(
  db: Queryable,
  mode: ContextMode,
  filter: ResultFilter,
  page: PageFilter<ResultSort>,
): Promise<Sorted<ResultRow>[]> {
  const relations = {
    sessions: relationFor(mode, 'eval.sessions'),
    assignments: relationFor(mode, 'eval.assignments'),
    versions: relationFor(mode, 'eval.evaluation_versions'),
  }
  const list = new ListQuery()
  list.where('submitted_by', filter.ownerId)
  list.where('submitted_by', filter.userId)
  list.where('org_unit_id', filter.unitId)
  if (filter.evaluationId !== undefined) {
    list.and(sql`x.session_id in (select s.id from ${relations.sessions} s
      join ${relations.assignments} a on a.id = s.assignment_id
      join ${relations.versions} v on v.id = a.evaluation_version_id
      where v.evaluation_id = ${list.value(filter.evaluationId)})`)
  }
  const {
    rows: found,
    key,
    order,
  } = list.page({ relation: relationFor(mode, 'eval.submissions'), orders: resultOrders }, page)
  const { rows } = await db.query<Sorted<ResultRow>>(
    sql`select x.id, x.org_unit_id as "orgUnitId", e.id as "evaluationId",
      e.title as "evaluationTitle", v.version, s.attempt, x.submitted_by as "userId",
      x.submitted_at as "submittedAt", score.version as "scoreVersion",
      score.points::float8 as "scoredPoints", corrections.sum::float8 as "correctedBy",
      total.points::float8 as points, v.max_points::float8 as "maxPoints",
      total.points >= e.pass_ratio * score.max_points as passed, ${key}
    from ${found}
    join ${relations.sessions} s on s.id = x.session_id
    join ${relations.assignments} a on a.id = s.assignment_id
    join ${relations.versions} v on v.id = a.evaluation_version_id
    join eval.evaluations e on e.id = v.evaluation_id
    left join lateral (
      select c.id, c.version, c.points, c.max_points
      from ${relationFor(mode, 'eval.submission_score_versions')} c
      where c.submission_id = x.id order by c.version desc limit 1) score on true
    left join lateral (
      select coalesce(sum(x.points_delta), 0) as sum from eval.result_corrections x
      left join eval.correction_decisions d on d.correction_id = x.id
      where x.score_version_id = score.id and ${correctionState} = 'approved') corrections
      on score.id is not null
    cross join lateral (
      select least(greatest(score.points + corrections.sum, 0), score.max_points) as points
      where score.id is not null
      union all select null where score.id is null) total
    ${order}`.text,
    list.values,
  )
  return rows
}
