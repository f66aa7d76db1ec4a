import { IconPlugConnected, IconSend } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Destinations of events, and deliveries to them. */
export const integrationRoutes: readonly PageRoute[] = [
  {
    path: '/integrations',
    title: 'Integrations',
    places,
    capability: 'integrations.read',
    nav: { group: 'Security', icon: IconPlugConnected },
    load: () => import('./destination-list-page.js'),
  },
  {
    path: '/integrations/$destinationId',
    title: 'Destination',
    places,
    capability: 'integrations.read',
    load: () => import('./destination-page.js'),
  },
  {
    path: '/deliveries',
    title: 'Deliveries',
    places,
    capability: 'deliveries.read',
    nav: { group: 'Security', icon: IconSend },
    load: () => import('./delivery-list-page.js'),
  },
  {
    path: '/deliveries/$deliveryId',
    title: 'Delivery',
    places,
    capability: 'deliveries.read',
    load: () => import('./delivery-page.js'),
  },
]
