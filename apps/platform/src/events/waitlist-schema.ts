import { z } from 'zod'
import { jsonRow } from '../database/json-row.js'
import { shownTime } from '../security/fields.js'
import type { WaitlistRow } from './waitlist-repository.js'

/** Where somebody who waits stands: `offered` has a seat until `offeredUntil`. */
export const waitlistState: z.ZodEnum<{
  waiting: 'waiting'
  offered: 'offered'
  accepted: 'accepted'
  withdrawn: 'withdrawn'
  expired: 'expired'
}> = z.enum(['waiting', 'offered', 'accepted', 'withdrawn', 'expired'])

const entry = z.object({
  id: z.uuid(),
  eventId: z.uuid(),
  ticketTypeId: z.nullable(z.uuid()),
  userId: z.nullable(z.uuid()),
  name: z.nullable(z.string()),
  email: z.nullable(z.string()),
  state: waitlistState,
  joinedAt: shownTime,
  offeredUntil: z.nullable(shownTime),
  registrationId: z.nullable(z.uuid()),
})

/** An entry of a waiting list. */
export const waitlistEntrySchema: typeof entry = entry

const placed = entry.extend({ position: z.nullable(z.int()) })

/** An entry with its place in the queue, counted from 1; null when it does not wait. */
export const placedEntrySchema: typeof placed = placed

/** The entry as replies show it. */
export function shownEntry(row: WaitlistRow): z.input<typeof entry> {
  return jsonRow(row)
}
