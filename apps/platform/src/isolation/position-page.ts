import { ApiProblem } from '../api/api-problem.js'

/** @throws {ApiProblem} INVALID_REQUEST for what `next` never was. */
export function positionAfter(after: string | undefined): number {
  if (after === undefined) return 0
  if (/^[1-9][0-9]{0,8}$/.test(after)) return Number(after)
  const errors = [{ pointer: '/query/after', detail: 'is no cursor of this list' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

/** Cuts the row that was asked for beyond the page; the next one begins after the last position. */
export function toPositions<Row extends { readonly position: number }>(
  rows: readonly Row[],
  limit: number,
): { items: Row[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { items, next: hasMore ? String(last.position) : null }
}
