import { IconDoorEnter, IconUserQuestion } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Who is let into the tenant from outside. */
export const accessGrantRoutes: readonly PageRoute[] = [
  {
    path: '/access-grants',
    title: 'Access grants',
    places,
    capability: 'access_grants.read',
    nav: { group: 'Organisation', icon: IconDoorEnter },
    load: () => import('./grant-list-page.js'),
  },
  {
    path: '/access-requests',
    title: 'Access requests',
    places,
    capability: 'access_grants.read',
    nav: { group: 'Organisation', icon: IconUserQuestion },
    load: () => import('./request-list-page.js'),
  },
]
