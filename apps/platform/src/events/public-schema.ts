import { z } from 'zod'
import { jsonRow } from '../database/json-row.js'
import { shownTime } from '../security/fields.js'
import type { PublicEventRow } from './public-repository.js'

const summary = z.object({
  id: z.uuid(),
  organization: z.string(),
  organizationName: z.string(),
  slug: z.string(),
  title: z.string(),
  summary: z.string(),
  startsAt: shownTime,
  endsAt: shownTime,
  timeZone: z.string(),
  venue: z.nullable(z.string()),
  city: z.nullable(z.string()),
  country: z.nullable(z.string()),
  categories: z.array(z.string()),
})

/** A published event in a list. */
export const publicSummarySchema: typeof summary = summary

const ticketType = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  priceCents: z.int(),
  currency: z.string(),
  salesFrom: z.nullable(shownTime),
  salesUntil: z.nullable(shownTime),
  isSoldOut: z.boolean(),
})

const event = summary.extend({ description: z.string(), ticketTypes: z.array(ticketType) })

/** The public page of an event. */
export const publicEventSchema: typeof event = event

/** The event as lists show it; what the schema does not name stays behind. */
export function shownSummary(row: PublicEventRow): z.input<typeof summary> {
  return jsonRow(row)
}
