import { z } from 'zod'
import { ApiProblem } from '../api/api-problem.js'

/** The last row of a page in the order of a key. */
export interface KeyCursor {
  readonly key: string
  readonly id: string
}

const cursorSchema = z.tuple([z.string(), z.string().max(500), z.uuid()])

/**
 * The cursor of the page after a row, for lists that are not ordered by time.
 *
 * @param list tells lists and their orders apart: `assets.name`
 */
export function writeKeyCursor(list: string, { key, id }: KeyCursor): string {
  return Buffer.from(JSON.stringify([list, key, id])).toString('base64url')
}

/**
 * @param isKey false for what is no key of the list and would not be read by PostgreSQL
 * @throws {ApiProblem} INVALID_REQUEST for what was never a cursor of this list.
 */
export function readKeyCursor(
  list: string,
  after: string | undefined,
  isKey: (key: string) => boolean = (key) => !/[\0\p{Cs}]/u.test(key),
): KeyCursor | null {
  if (after === undefined) return null
  const cursor = parsed(after)
  if (cursor !== null && cursor[0] === list && isKey(cursor[1])) {
    return { key: cursor[1], id: cursor[2] }
  }
  const errors = [{ pointer: '/query/after', detail: 'is no cursor of this list' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

function parsed(after: string): z.output<typeof cursorSchema> | null {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString()))
  } catch {
    return null
  }
}
