import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Cursor } from '../api/page.js'

/** Which page of a list. */
export interface PageFilter {
  readonly after: Cursor | null
  readonly limit: number
}

/** The first three parameters of a list: those of {@link afterCursor} and {@link newestFirst}. */
export type PageValues = readonly [at: string | null, id: string | null, limit: number]

/** Values of `$1` to `$3`; one row more than the limit, so that the caller knows of a next page. */
export function pageValues({ after, limit }: PageFilter): PageValues {
  return [after?.at ?? null, after?.id ?? null, limit + 1]
}

/** A time as cursors hold it: JavaScript's dates have milliseconds, PostgreSQL's microseconds. */
export function cursorTime(time: Sql): Sql {
  return sql`date_trunc('milliseconds', ${time})`
}

/**
 * Condition: the row comes after the cursor in `$1` and `$2`.
 *
 * @example
 * ```ts
 * sql`select id from sec.alerts where ${afterCursor(sql`created_at`)} ${newestFirst(sql`created_at`)}`
 * ```
 */
export function afterCursor(time: Sql): Sql {
  return sql`($1::timestamptz is null or (${cursorTime(time)}, id) < ($1, $2::uuid))`
}

/** Order and size of a page: newest first, `$3` rows. */
export function newestFirst(time: Sql): Sql {
  return sql`order by ${cursorTime(time)} desc, id desc limit $3`
}

/**
 * As {@link afterCursor} for lists that grow without end: the last row is looked up by its id, so
 * that an index on tenant, time and id gives the page, to the microsecond. When the row is gone
 * meanwhile, the page starts at its time.
 *
 * @param relation in which the caller sees the row of the cursor
 */
export function afterRow(relation: Sql, time: Sql, { after }: PageFilter): Sql {
  // Two texts rather than one with OR: a plan that serves both cannot start in the middle.
  if (after === null) return sql`($1::timestamptz is null and $2::uuid is null)`
  // COALESCE inside: outside of the sub-select the planner takes it for a function that might leak
  // rows, and would not compare by the index before row security has had its say (section 39.5).
  return sql`(${time}, id) <
    ((select coalesce(max(seen.${time}), $1) from ${relation} seen where seen.id = $2::uuid), $2)`
}

/** Order and size of a page after {@link afterRow}: newest first, `$3` rows. */
export function newestRowFirst(time: Sql): Sql {
  return sql`order by ${time} desc, id desc limit $3`
}
