import { IconGauge } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** How the database serves its tenants. */
export const performanceRoutes: readonly PageRoute[] = [
  {
    path: '/performance',
    title: 'Performance',
    places: ['platform'],
    capability: null,
    nav: { group: 'Isolation', icon: IconGauge },
    load: () => import('./performance-page.js'),
  },
  {
    path: '/performance',
    title: 'Performance',
    places: ['member'],
    capability: 'performance.read',
    nav: { group: 'Isolation', icon: IconGauge },
    load: () => import('./own-load-page.js'),
  },
]
