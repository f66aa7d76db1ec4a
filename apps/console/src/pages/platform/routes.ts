import {
  IconArchive,
  IconBuildings,
  IconEraser,
  IconLifebuoy,
  IconMailQuestion,
} from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['platform'] as const

/** What staff of the platform do: tenants from their request to their erasure, support windows. */
export const platformRoutes: readonly PageRoute[] = [
  {
    path: '/',
    title: 'Tenants',
    places,
    capability: null,
    nav: { group: 'Platform', icon: IconBuildings },
    load: () => import('./tenant-list-page.js'),
  },
  {
    path: '/tenants/$tenantId',
    title: 'Tenant',
    places,
    capability: null,
    load: () => import('./tenant-page.js'),
  },
  {
    path: '/organization-requests',
    title: 'Organisation requests',
    places,
    capability: null,
    nav: { group: 'Platform', icon: IconMailQuestion },
    load: () => import('./organization-request-list-page.js'),
  },
  {
    path: '/archive-requests',
    title: 'Archive requests',
    places,
    capability: null,
    nav: { group: 'Platform', icon: IconArchive },
    load: () => import('./archive-request-list-page.js'),
  },
  {
    path: '/erasures',
    title: 'Erasures',
    places,
    capability: null,
    nav: { group: 'Platform', icon: IconEraser },
    load: () => import('./erasure-list-page.js'),
  },
  {
    path: '/erasures/$erasureId',
    title: 'Erasure',
    places,
    capability: null,
    load: () => import('./erasure-page.js'),
  },
  {
    path: '/support',
    title: 'Support windows',
    places,
    capability: null,
    nav: { group: 'Platform', icon: IconLifebuoy },
    load: () => import('./support-page.js'),
  },
]
