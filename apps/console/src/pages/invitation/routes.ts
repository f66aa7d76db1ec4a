import type { PageRoute } from '../page-route.js'

/** Where who was invited decides: signed in, and a member of nothing here yet. */
export const invitationRoutes: readonly PageRoute[] = [
  {
    path: '/',
    title: 'Invitation',
    places: ['invitation'],
    capability: null,
    load: () => import('./invitation-page.js'),
  },
]
