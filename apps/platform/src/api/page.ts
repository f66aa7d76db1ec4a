import { z } from 'zod'
import { ApiProblem } from './api-problem.js'

/** Schemas of the parameters that every list has. */
interface PageQuery {
  readonly limit: z.ZodDefault<z.ZodCoercedNumber>
  /** Opaque; from `next` of the page before. */
  readonly after: z.ZodOptional<z.ZodString>
}

/** Query parameters of every list. */
export const pageQuery: PageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(25),
  after: z.string().max(4000).optional(),
}

/** A part of the name of what is looked for; case does not matter. */
export const searchText: z.ZodString = z.string().trim().min(1).max(100)

/** The last row of a page: what it is ordered by, and its id. */
export interface Cursor {
  readonly at: string
  readonly id: string
}

const cursorSchema = z.tuple([z.iso.datetime({ offset: true }), z.uuid()])

/** A page of items with the cursor of the next; null on the last page. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next: z.nullable(z.string()) })
}

/** @throws {ApiProblem} INVALID_REQUEST for what `next` never was. */
export function readCursor(after: string | undefined): Cursor | null {
  if (after === undefined) return null
  try {
    const text = Buffer.from(after, 'base64url').toString()
    const [at, id] = cursorSchema.parse(JSON.parse(text))
    return { at, id }
  } catch {
    const errors = [{ pointer: '/query/after', detail: 'is no cursor of this list' }]
    throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
  }
}

/**
 * Cuts the row that was asked for beyond the page, and makes the cursor of the next one.
 *
 * @param at what the list is ordered by; as a text where JavaScript's milliseconds are too coarse
 */
export function toPage<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  at: (row: Row) => Date | string,
): { items: Row[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  const time = hasMore ? at(last) : null
  const cursor =
    time === null || last === undefined
      ? null
      : JSON.stringify([typeof time === 'string' ? time : time.toISOString(), last.id])
  return { items, next: cursor === null ? null : Buffer.from(cursor).toString('base64url') }
}
