import { z } from 'zod'
import { found } from '../api/api-problem.js'
import { pageOf, pageQuery, readCursor, toPage } from '../api/page.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText } from '../security/fields.js'
import { category, country, instant, slug } from './fields.js'
import { toICalendar } from './icalendar.js'
import {
  findPublicEvent,
  findPublicOrganization,
  listPublicEvents,
  listPublicEventsOf,
  listPublicTicketTypes,
} from './public-repository.js'
import { publicEventSchema, publicSummarySchema, shownSummary } from './public-schema.js'

const eventPath = z.strictObject({ org: slug, slug })
const tag = 'public'

/** What anybody may read, without a login. */
export const publicRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/public/events',
    id: 'listPublicEvents',
    summary: 'Published events of all organisations, soonest first; from now on unless asked',
    tag,
    access: { kind: 'public' },
    input: {
      query: z.strictObject({
        ...pageQuery,
        from: instant.optional(),
        until: instant.optional(),
        title: plainText(100).optional(),
        category: category.optional(),
        city: plainText(100).optional(),
        country: country.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(publicSummarySchema), description: 'A page of events' },
    handle: async ({ tx, query }) => {
      const rows = await listPublicEvents(tx, {
        from: query.from ?? new Date().toISOString(),
        until: query.until ?? null,
        title: query.title ?? null,
        category: query.category ?? null,
        city: query.city ?? null,
        country: query.country ?? null,
        after: readCursor(query.after),
        limit: query.limit,
      })
      const { items, next } = toPage(rows, query.limit, (row) => row.startsAt)
      return { items: items.map(shownSummary), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/public/o/{org}',
    id: 'getPublicOrganization',
    summary: 'The public page of an organisation, with what is coming up',
    tag,
    access: { kind: 'public' },
    input: { params: z.strictObject({ org: slug }), query: z.strictObject(pageQuery) },
    reply: {
      status: 200,
      schema: z.object({
        slug: z.string(),
        name: z.string(),
        events: pageOf(publicSummarySchema),
      }),
      description: 'The organisation',
    },
    handle: async ({ tx, params, query }) => {
      const organization = found(await findPublicOrganization(tx, params.org))
      const rows = await listPublicEventsOf(tx, organization.id, {
        from: new Date().toISOString(),
        after: readCursor(query.after),
        limit: query.limit,
      })
      const { items, next } = toPage(rows, query.limit, (row) => row.startsAt)
      const events = { items: items.map(shownSummary), next }
      return { slug: organization.slug, name: organization.name, events }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/public/o/{org}/e/{slug}',
    id: 'getPublicEvent',
    summary: 'The public page of an event, with its ticket types',
    tag,
    access: { kind: 'public' },
    input: { params: eventPath },
    reply: { status: 200, schema: publicEventSchema, description: 'The event' },
    handle: async ({ tx, params }) => {
      const event = found(await findPublicEvent(tx, params.org, params.slug))
      const ticketTypes = await listPublicTicketTypes(tx, event.tenantId, event.id)
      return { ...jsonRow(event), ticketTypes: ticketTypes.map((row) => jsonRow(row)) }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/public/o/{org}/e/{slug}/calendar',
    id: 'getPublicEventCalendar',
    summary: 'A published event for calendars',
    tag,
    access: { kind: 'public' },
    input: { params: eventPath },
    reply: {
      status: 200,
      schema: z.string(),
      description: 'An iCalendar object (RFC 5545)',
      contentType: 'text/calendar',
    },
    handle: async ({ tx, params }) => {
      const event = found(await findPublicEvent(tx, params.org, params.slug))
      return toICalendar({
        uid: `${event.id}@watertight`,
        title: event.title,
        description: event.summary,
        location: [event.venue, event.city, event.country].filter(Boolean).join(', '),
        startsAt: event.startsAt,
        endsAt: event.endsAt,
        stamp: new Date(),
      })
    },
  }),
]
