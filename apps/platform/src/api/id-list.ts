import { z } from 'zod'

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** Up to 50 ids with commas between: rows that a page of somebody names. */
export const idList: z.ZodString = z
  .string()
  .max(50 * 37)
  .regex(new RegExp(`^${uuid}(?:,${uuid}){0,49}$`), 'is no list of ids')

/** The ids of an {@link idList}; null when none was given. */
export function readIds(list: string | undefined): readonly string[] | null {
  return list?.split(',') ?? null
}
