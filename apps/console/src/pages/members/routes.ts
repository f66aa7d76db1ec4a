import { IconMail, IconSitemap, IconUsers } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Members, invitations and org units. */
export const memberRoutes: readonly PageRoute[] = [
  {
    path: '/members',
    title: 'Members',
    places,
    capability: 'members.read',
    nav: { group: 'Organisation', icon: IconUsers },
    load: () => import('./member-list-page.js'),
  },
  {
    path: '/members/$userId',
    title: 'Member',
    places,
    capability: 'members.read',
    load: () => import('./member-page.js'),
  },
  {
    path: '/invitations',
    title: 'Invitations',
    places: ['member'],
    capability: 'members.write',
    nav: { group: 'Organisation', icon: IconMail },
    load: () => import('./invitation-list-page.js'),
  },
  {
    path: '/org-units',
    title: 'Org units',
    places,
    capability: 'org_units.read',
    nav: { group: 'Organisation', icon: IconSitemap },
    load: () => import('./org-unit-tree-page.js'),
  },
]
