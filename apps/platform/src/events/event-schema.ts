import { z } from 'zod'
import { plainText, shownTime } from '../security/fields.js'
import { jsonRow } from '../database/json-row.js'
import type { EventRow } from './event-repository.js'
import {
  categories,
  country,
  emailAddress,
  instant,
  optionalText,
  slug,
  timeZone,
} from './fields.js'

/** Where an event stands. */
export const eventStatus: z.ZodEnum<{
  draft: 'draft'
  published: 'published'
  cancelled: 'cancelled'
  completed: 'completed'
}> = z.enum(['draft', 'published', 'cancelled', 'completed'])

const event = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  slug: z.string(),
  title: z.string(),
  summary: z.string(),
  description: z.string(),
  status: eventStatus,
  startsAt: shownTime,
  endsAt: shownTime,
  timeZone: z.string(),
  venue: z.nullable(z.string()),
  city: z.nullable(z.string()),
  country: z.nullable(z.string()),
  categories: z.array(z.string()),
  capacity: z.int(),
  placesTaken: z.int(),
  contactEmail: z.nullable(z.string()),
  internalNote: z.nullable(z.string()),
  createdAt: shownTime,
  publishedAt: z.nullable(shownTime),
  cancelledAt: z.nullable(shownTime),
})

/** An event as its organisers see it. */
export const eventSchema: typeof event = event

/** The event as replies show it. */
export function shownEvent(row: EventRow): z.input<typeof event> {
  return jsonRow(row)
}

const fields = {
  slug,
  title: plainText(200),
  summary: optionalText(500),
  description: optionalText(20_000),
  startsAt: instant,
  endsAt: instant,
  timeZone,
  venue: z.nullable(plainText(200)),
  city: z.nullable(plainText(100)),
  country: z.nullable(country),
  categories,
  capacity: z.int().min(1).max(1_000_000),
  contactEmail: z.nullable(emailAddress),
  internalNote: z.nullable(plainText(2000)),
}

const newEvent = z.strictObject({
  ...fields,
  orgUnitId: z.uuid().optional(),
  summary: fields.summary.default(''),
  description: fields.description.default(''),
  timeZone: fields.timeZone.default('Europe/Berlin'),
  venue: fields.venue.default(null),
  city: fields.city.default(null),
  country: fields.country.default(null),
  categories: fields.categories.default([]),
  contactEmail: fields.contactEmail.default(null),
  internalNote: fields.internalNote.default(null),
})

/** What a new event is made of. */
export const newEventSchema: typeof newEvent = newEvent

const change = z.strictObject(fields).partial()

/** What of an event is to change. */
export const eventChangeSchema: typeof change = change
