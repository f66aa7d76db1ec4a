import { IconQuestionMark, IconShieldCheck } from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const isolation = {
  path: '/isolation',
  title: 'Isolation',
  nav: { group: 'Isolation', icon: IconShieldCheck },
  load: () => import('./isolation-page.js'),
} as const

/** The proof that isolation holds, and why a row is or is not visible. */
export const isolationRoutes: readonly PageRoute[] = [
  { ...isolation, places: ['member', 'grant'], capability: 'isolation.read' },
  { ...isolation, places: ['platform'], capability: null },
  {
    path: '/isolation/explain',
    title: 'Explain',
    places: ['member', 'grant'],
    capability: 'explain.read',
    nav: { group: 'Isolation', icon: IconQuestionMark },
    load: () => import('./explain-page.js'),
  },
]
