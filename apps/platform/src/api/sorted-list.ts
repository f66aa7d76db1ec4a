import { z } from 'zod'
import { keyOf } from '../database/sort-order.js'
import type { PageFilter, SortCursor, Sorted, SortOf, SortOrders } from '../database/sort-order.js'
import { ApiProblem } from './api-problem.js'
import { pageQuery } from './page.js'

/** Schemas of the parameters of a list that can be sorted. */
interface SortedQuery<Name extends string> {
  readonly limit: typeof pageQuery.limit
  readonly after: typeof pageQuery.after
  /** One of the list's keys, falling with a minus in front. */
  readonly sort: z.ZodDefault<z.ZodType<SortOf<Name>>>
}

/**
 * Query parameters of a list with the orders that its repository declares.
 *
 * @example
 * ```ts
 * z.strictObject({ ...sortedQuery(alertOrders), status: alertStatus.optional() })
 * // ?sort=-detectedAt&limit=25&after=…
 * ```
 */
export function sortedQuery<Name extends string>(orders: SortOrders<Name>): SortedQuery<Name> {
  const names = Object.keys(orders.keys) as Name[]
  const sorts = names.flatMap((name): SortOf<Name>[] => [name, `-${name}`])
  // The enumeration of all of them, whose type cannot be written down.
  const sort: z.ZodType<SortOf<Name>> = z.enum(sorts)
  return { ...pageQuery, sort: sort.default(orders.initial as never) }
}

const cursorSchema = z.tuple([z.string(), z.nullable(z.string().max(1000)), z.string().max(40)])

/**
 * The page that a query asks for.
 *
 * @throws {ApiProblem} CURSOR_OF_OTHER_ORDER for a cursor of the list in another order,
 *   INVALID_REQUEST for what was never a cursor.
 */
export function readPage<Name extends string>(
  orders: SortOrders<Name>,
  {
    sort,
    after,
    limit,
  }: { readonly sort: SortOf<Name>; readonly after?: string | undefined; readonly limit: number },
): PageFilter<Name> {
  return { sort, limit, after: after === undefined ? null : readCursor(orders, sort, after) }
}

function readCursor<Name extends string>(
  orders: SortOrders<Name>,
  sort: SortOf<Name>,
  after: string,
): SortCursor {
  const [of, key, id] = parsed(after)
  if (of !== sort) {
    const errors = [{ pointer: '/query/after', detail: 'is a cursor of another order' }]
    throw new ApiProblem('CURSOR_OF_OTHER_ORDER', 'begin anew to list in another order', errors)
  }
  const { key: by } = keyOf(orders, sort)
  if (key === null ? !by.isNullable : !by.isKey(key)) throw noCursor()
  if (!orders.id.isId(id)) throw noCursor()
  return { key, id }
}

function parsed(after: string): z.output<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString()))
  } catch {
    throw noCursor()
  }
}

function noCursor(): ApiProblem {
  const errors = [{ pointer: '/query/after', detail: 'is no cursor of this list' }]
  return new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

/** The cursor of what follows a row in an order. */
export function cursorAfter(sort: string, { key, id }: SortCursor): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url')
}

/** Cuts the row that was asked for beyond the page, and makes the cursor of the next one. */
export function toSortedPage<Row extends Sorted<{ readonly id: string }>>(
  rows: readonly Row[],
  { sort, limit }: { readonly sort: string; readonly limit: number },
): { items: Omit<Row, 'sort_key'>[]; next: string | null } {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const next = last === undefined ? null : cursorAfter(sort, { key: last.sort_key, id: last.id })
  return { items: page.map(({ sort_key: _key, ...row }) => row), next }
}
