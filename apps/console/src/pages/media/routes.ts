import { IconFiles } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Files of the tenant and their resized forms. */
export const mediaRoutes: readonly PageRoute[] = [
  {
    path: '/files',
    title: 'Files',
    places,
    capability: 'media.read',
    nav: { group: 'Organisation', icon: IconFiles },
    load: () => import('./file-list-page.js'),
  },
  {
    path: '/files/$fileId',
    title: 'File',
    places,
    capability: 'media.read',
    load: () => import('./file-page.js'),
  },
]
