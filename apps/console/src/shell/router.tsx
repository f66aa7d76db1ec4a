import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import type { AnyRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { pageRoutes } from '../pages/page-routes.js'
import type { PlacedUrl } from '../session/place.js'
import { ObjectProblem } from '../states/object-problem.js'
import { NotFound } from '../states/not-found.js'
import { PageFrame } from './page-frame.js'
import { Shell } from './shell.js'

/** The pages of one place, below its base; everything else is another document. */
export function createPlaceRouter({ place, base }: PlacedUrl): AnyRouter {
  const root = createRootRoute({ component: Shell, notFoundComponent: () => <NotFound /> })
  const children = pageRoutes
    .filter(({ places }) => places.includes(place.kind))
    .map((page) => {
      const Page = lazyRouteComponent(page.load, 'Page')
      const Framed = (): ReactNode => (
        <PageFrame page={page}>
          <Page />
        </PageFrame>
      )
      return createRoute({
        getParentRoute: () => root,
        path: page.path,
        component: Object.assign(Framed, { preload: async () => Page.preload?.() }),
        errorComponent: ObjectProblem,
      })
    })
  return createRouter({
    routeTree: root.addChildren(children),
    basepath: base,
    defaultPreload: 'intent',
    defaultErrorComponent: ObjectProblem,
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const entries = Object.entries(search).filter(
        ([, value]) => value !== undefined && value !== '',
      )
      const text = new URLSearchParams(entries as [string, string][]).toString()
      return text === '' ? '' : `?${text}`
    },
    scrollRestoration: true,
  })
}
