import { IconServer2 } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** Assets, enrolment, alerts and tickets. */
export const securityRoutes: readonly PageRoute[] = [
  {
    path: '/assets',
    title: 'Assets',
    places: ['member', 'grant'],
    capability: 'assets.read',
    nav: { group: 'Security', icon: IconServer2 },
    load: () => import('./asset-list-page.js'),
  },
  {
    path: '/assets/$assetId',
    title: 'Asset',
    places: ['member', 'grant'],
    capability: 'assets.read',
    load: () => import('./asset-page.js'),
  },
]
