import { IconHome } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

/** The first page of a place. */
export const overviewRoutes: readonly PageRoute[] = [
  {
    path: '/',
    title: 'Overview',
    places: ['member', 'grant'],
    capability: null,
    nav: { group: 'Overview', icon: IconHome },
    load: () => import('./overview-page.js'),
  },
]
