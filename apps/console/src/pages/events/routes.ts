import { IconCalendarEvent, IconTicket } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** Events with their guests, and one's own tickets. */
export const eventRoutes: readonly PageRoute[] = [
  {
    path: '/events',
    title: 'Events',
    places: ['member', 'grant'],
    capability: 'events.read',
    nav: { group: 'Events', icon: IconCalendarEvent },
    load: () => import('./event-list-page.js'),
  },
  {
    path: '/events/$eventId',
    title: 'Event',
    places: ['member', 'grant'],
    capability: 'events.read',
    load: () => import('./event-page.js'),
  },
  {
    path: '/my/registrations',
    title: 'My registrations',
    places: ['member'],
    capability: 'registrations.own',
    nav: { group: 'Events', icon: IconTicket },
    load: () => import('./own-registrations-page.js'),
  },
]
