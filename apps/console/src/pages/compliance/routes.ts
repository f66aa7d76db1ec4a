import { IconChecklist, IconFileCertificate } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Frameworks, controls and evidence. */
export const complianceRoutes: readonly PageRoute[] = [
  {
    path: '/compliance',
    title: 'Compliance',
    places,
    capability: 'compliance.read',
    nav: { group: 'Compliance', icon: IconChecklist },
    load: () => import('./compliance-page.js'),
  },
  {
    path: '/compliance/$frameworkId',
    title: 'Controls',
    places,
    capability: 'compliance.read',
    load: () => import('./framework-page.js'),
  },
  {
    path: '/compliance/controls/$controlId',
    title: 'Control',
    places,
    capability: 'compliance.read',
    load: () => import('./control-page.js'),
  },
  {
    path: '/evidence',
    title: 'Compliance Evidence',
    places,
    capability: 'evidence.read',
    nav: { group: 'Compliance', icon: IconFileCertificate },
    load: () => import('./evidence-list-page.js'),
  },
  {
    path: '/evidence/$evidenceId',
    title: 'Evidence',
    places,
    capability: 'evidence.read',
    load: () => import('./evidence-page.js'),
  },
]
