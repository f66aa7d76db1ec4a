import { IconAlertTriangle, IconKey, IconServer2, IconTicket } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Assets, enrolment, alerts and tickets. */
export const securityRoutes: readonly PageRoute[] = [
  {
    path: '/assets',
    title: 'Assets',
    places,
    capability: 'assets.read',
    nav: { group: 'Security', icon: IconServer2 },
    load: () => import('./asset-list-page.js'),
  },
  {
    path: '/assets/$assetId',
    title: 'Asset',
    places,
    capability: 'assets.read',
    load: () => import('./asset-page.js'),
  },
  {
    path: '/enrolment-tokens',
    title: 'Enrolment tokens',
    places,
    capability: 'enrolment.read',
    nav: { group: 'Security', icon: IconKey },
    load: () => import('./token-list-page.js'),
  },
  {
    path: '/alerts',
    title: 'Alerts',
    places,
    capability: 'alerts.read',
    nav: { group: 'Security', icon: IconAlertTriangle },
    load: () => import('./alert-list-page.js'),
  },
  {
    path: '/alerts/$alertId',
    title: 'Alert',
    places,
    capability: 'alerts.read',
    load: () => import('./alert-page.js'),
  },
  {
    path: '/tickets',
    title: 'Tickets',
    places,
    capability: 'tickets.read',
    nav: { group: 'Security', icon: IconTicket },
    load: () => import('./ticket-list-page.js'),
  },
  {
    path: '/tickets/$ticketId',
    title: 'Ticket',
    places,
    capability: 'tickets.read',
    load: () => import('./ticket-page.js'),
  },
]
