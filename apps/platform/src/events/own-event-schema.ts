import { z } from 'zod'
import type { OwnEventRow } from './own-event-repository.js'

const event = z.object({
  title: z.string(),
  startsAt: z.iso.datetime(),
  timeZone: z.string(),
  tenantName: z.string(),
})

/** The event of something that is one's own; null when it is gone for good. */
export const ownEvent: z.ZodNullable<typeof event> = z.nullable(event)

/** A row as {@link ownEvent}. */
export function shownOwnEvent(row: OwnEventRow | undefined): z.input<typeof ownEvent> {
  if (row === undefined) return null
  const { title, startsAt, timeZone, tenantName } = row
  return { title, startsAt: startsAt.toISOString(), timeZone, tenantName }
}
