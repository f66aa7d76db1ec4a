import { IconHistory } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** The audit log. */
export const auditRoutes: readonly PageRoute[] = [
  {
    path: '/audit',
    title: 'Audit',
    places: ['member', 'grant'],
    capability: 'audit.read',
    nav: { group: 'Compliance', icon: IconHistory },
    load: () => import('./audit-page.js'),
  },
]
