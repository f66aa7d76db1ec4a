import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import type { Breakdown } from './answers.js'

/** A row of `eval.submission_score_versions`. */
export interface ScoreRow {
  readonly id: string
  readonly orgUnitId: string
  readonly submissionId: string
  readonly version: number
  readonly points: number
  readonly maxPoints: number
  /** Null for auditors. */
  readonly breakdown: Breakdown | null
  /** Null: scored by its questions alone. */
  readonly scoredBy: string | null
  readonly scoredAt: Date
}

const columns = sql`x.id, x.org_unit_id as "orgUnitId", x.submission_id as "submissionId",
  x.version, x.points::float8 as points, x.max_points::float8 as "maxPoints", x.breakdown,
  x.scored_by as "scoredBy", x.scored_at as "scoredAt"`

/** Most that are ever shown of one submission. */
const mostShown = 100

/** Scores of a submission that the caller has found, the one that counts first. */
export async function listScores(
  db: Queryable,
  mode: ContextMode,
  submissionId: string,
): Promise<ScoreRow[]> {
  const { rows } = await db.query<ScoreRow>(
    sql`select ${columns} from ${relationFor(mode, 'eval.submission_score_versions')} x
      where x.submission_id = $1 order by x.version desc limit $2`.text,
    [submissionId, mostShown],
  )
  return rows
}

/** The score that counts. */
export async function latestScore(
  db: Queryable,
  submissionId: string,
): Promise<ScoreRow | undefined> {
  const { rows } = await db.query<ScoreRow>(
    sql`select ${columns} from eval.submission_score_versions x
      where x.submission_id = $1 order by x.version desc limit 1`.text,
    [submissionId],
  )
  return rows[0]
}

/** A submission with what scoring it needs. */
export interface ScorableSubmission {
  readonly orgUnitId: string
  readonly submittedBy: string
  readonly content: unknown
}

/**
 * Locks the session of the submission, which cannot be locked itself (it is append-only): scores and
 * corrections of it come one after the other.
 */
export async function lockSubmission(
  db: Queryable,
  id: string,
): Promise<ScorableSubmission | undefined> {
  const { rows } = await db.query<ScorableSubmission>(
    `select x.org_unit_id as "orgUnitId", x.submitted_by as "submittedBy", v.content
     from eval.submissions x join eval.sessions s on s.id = x.session_id
     join eval.assignments a on a.id = s.assignment_id
     join eval.evaluation_versions v on v.id = a.evaluation_version_id
     where x.id = $1 for update of s`,
    [id],
  )
  return rows[0]
}

/** A new score. */
export interface NewScore {
  readonly orgUnitId: string
  readonly submissionId: string
  readonly version: number
  readonly points: number
  readonly maxPoints: number
  readonly breakdown: Breakdown
  readonly scoredBy: string | null
}

/** Appends a score; the version is the next after the latest, read under the lock. */
export async function insertScore(db: Queryable, score: NewScore): Promise<ScoreRow> {
  const { rows } = await db.query<ScoreRow>(
    sql`insert into eval.submission_score_versions as x
        (org_unit_id, submission_id, version, points, max_points, breakdown, scored_by)
      values ($1, $2, $3, $4, $5, $6::jsonb, $7) returning ${columns}`.text,
    [
      score.orgUnitId,
      score.submissionId,
      score.version,
      score.points,
      score.maxPoints,
      JSON.stringify(score.breakdown),
      score.scoredBy,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('an insert without a conflict clause returned no row')
  return row
}
