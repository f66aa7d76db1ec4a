import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Cursor } from '../api/page.js'

/** Which page of a list. */
export interface PageFilter {
  readonly after: Cursor | null
  readonly limit: number
}

/** The first three parameters of a list: those of {@link afterRow} and {@link newestRowFirst}. */
export type PageValues = readonly [at: string | null, id: string | null, limit: number]

/** Values of `$1` to `$3`; one row more than the limit, so that the caller knows of a next page. */
export function pageValues({ after, limit }: PageFilter): PageValues {
  return [after?.at ?? null, after?.id ?? null, limit + 1]
}

/**
 * Condition: the row comes after the cursor in `$1` and `$2`. The last row of the page before is
 * looked up by its id, so that an index on tenant, time and id gives the page, to the microsecond:
 * JavaScript's dates have milliseconds. When the row is gone meanwhile, the page starts at its time.
 *
 * @param relation in which the caller sees the row of the cursor
 * @example
 * ```ts
 * const [alerts, time] = [sql`sec.alerts`, sql`detected_at`]
 * sql`select id from ${alerts} where ${afterRow(alerts, time, filter)} ${newestRowFirst(time)}`
 * ```
 */
export function afterRow(relation: Sql, time: Sql, { after }: PageFilter): Sql {
  // Two texts rather than one with OR: a plan that serves both cannot start in the middle.
  if (after === null) return sql`($1::timestamptz is null and $2::uuid is null)`
  // COALESCE inside: outside of the sub-select the planner takes it for a function that might leak
  // rows, and would not compare by the index before row security has had its say (section 39.5).
  return sql`(${time}, id) <
    ((select coalesce(max(seen.${time}), $1) from ${relation} seen where seen.id = $2::uuid), $2)`
}

/** A row with the time that its list continues after, see {@link exactTime}. */
export interface CursorRow {
  readonly cursor_time: string
}

/**
 * The time in ISO 8601 to the microsecond: the cursor of lists that come from functions, which cannot
 * look the last row up.
 */
export function exactTime(time: Sql): Sql {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

/** Order and size of a page after {@link afterRow}: newest first, `$3` rows. */
export function newestRowFirst(time: Sql): Sql {
  return sql`order by ${time} desc, id desc limit $3`
}
