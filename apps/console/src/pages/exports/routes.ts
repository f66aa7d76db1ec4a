import { IconFileExport } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** Files made for download. */
export const exportRoutes: readonly PageRoute[] = [
  {
    path: '/exports',
    title: 'Exports',
    places: ['member', 'grant'],
    capability: 'exports.read',
    nav: { group: 'Compliance', icon: IconFileExport },
    load: () => import('./export-list-page.js'),
  },
]
