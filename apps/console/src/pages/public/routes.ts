import type { PageRoute } from '../page-route.js'

/** Pages for anybody, without a sign-in. */
export const publicRoutes: readonly PageRoute[] = [
  {
    path: '/',
    title: 'Events',
    places: ['public'],
    capability: null,
    load: () => import('./listing-page.js'),
  },
  {
    path: '/o/$org',
    title: 'Organisation',
    places: ['public'],
    capability: null,
    load: () => import('./organization-page.js'),
  },
  {
    path: '/o/$org/e/$slug',
    title: 'Event',
    places: ['public'],
    capability: null,
    load: () => import('./public-event-page.js'),
  },
]
