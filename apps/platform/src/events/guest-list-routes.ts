import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ContextMode, Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { withHeaders } from '../api/with-headers.js'
import { jsonRow } from '../database/json-row.js'
import { shownTime } from '../security/fields.js'
import { toCsv } from './csv.js'
import { findEvent } from './event-repository.js'
import type { GuestFilter, GuestRow } from './guest-list-repository.js'
import { streamGuests } from './guest-list-repository.js'
import { registrationState } from './registration-schema.js'

/** Guests of one list; events with more are listed by state. */
const maxGuests = 50_000

const guest = z.object({
  name: z.nullable(z.string()),
  email: z.nullable(z.string()),
  ticketType: z.string(),
  state: registrationState,
  code: z.nullable(z.string()),
  registeredAt: shownTime,
  confirmedAt: z.nullable(shownTime),
  cancelledAt: z.nullable(shownTime),
})
const columns = [
  'name',
  'email',
  'ticketType',
  'state',
  'code',
  'registeredAt',
  'confirmedAt',
  'cancelledAt',
] as const satisfies readonly (keyof GuestRow)[]
const headings = columns.map((name) => name.replaceAll(/[A-Z]/g, '_$&').toLowerCase())

const input = {
  params: z.strictObject({ eventId: z.uuid() }),
  query: z.strictObject({ state: registrationState.optional() }),
}
const common = {
  method: 'GET',
  tag: 'events',
  // Not for auditors: all that the list is for is redacted for them.
  access: { kind: 'tenant', capability: 'registrations.read', support: true },
  audit: { action: 'registration.export', targetType: 'event', targetParam: 'eventId' },
  input,
} as const

/** The whole guest list of an event, for a door, a mailing or a badge printer. */
export const guestListRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    path: '/events/{eventId}/registrations/export',
    id: 'exportRegistrations',
    summary: `All guests of an event as CSV in the order in which they registered, ${String(maxGuests)} at most`,
    reply: {
      status: 200,
      schema: z.string(),
      contentType: 'text/csv',
      description: 'A CSV file; the header X-Content-SHA256 has the hash of its bytes',
    },
    handle: async ({ tx, context, params: { eventId }, query: { state = null } }) => {
      const guests = await readGuests(tx, context.mode, { eventId, state })
      const text = toCsv(
        headings,
        guests.map((row) => columns.map((name) => row[name])),
      )
      const sha256 = createHash('sha256').update(text).digest('hex')
      return withHeaders(text, {
        'content-disposition': 'attachment; filename="guests.csv"',
        'x-content-sha256': sha256,
      })
    },
  }),
  defineRoute({
    ...common,
    path: '/events/{eventId}/guest-list',
    id: 'readGuestList',
    summary: `All guests of an event in the order in which they registered, ${String(maxGuests)} at most`,
    reply: {
      status: 200,
      schema: z.object({ eventId: z.uuid(), count: z.int(), guests: z.array(guest) }),
      description: 'The list, not in pages',
    },
    handle: async ({ tx, context, params: { eventId }, query: { state = null } }) => {
      const guests = await readGuests(tx, context.mode, { eventId, state })
      return { eventId, count: guests.length, guests: guests.map(jsonRow) }
    },
  }),
]

/** @throws {ApiProblem} NOT_FOUND; INVALID_REQUEST for an event with more guests than a list has. */
async function readGuests(
  tx: Transaction,
  mode: ContextMode,
  filter: GuestFilter,
): Promise<readonly GuestRow[]> {
  found(await findEvent(tx, mode, filter.eventId))
  const guests: GuestRow[] = []
  for await (const row of streamGuests(tx, mode, filter, maxGuests + 1)) guests.push(row)
  if (guests.length <= maxGuests) return guests
  const errors = [{ pointer: '/query/state', detail: 'choose guests of one state' }]
  throw new ApiProblem('INVALID_REQUEST', `more than ${String(maxGuests)} guests`, errors)
}
