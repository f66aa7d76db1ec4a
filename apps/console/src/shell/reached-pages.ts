import type { PageRoute } from '../pages/page-route.js'
import { pageRoutes } from '../pages/page-routes.js'
import type { PlacedSession } from '../session/session.js'

/** Pages of the place that the role reaches and that stand in the navigation. */
export function reachedPages({ session, place }: PlacedSession): readonly PageRoute[] {
  return pageRoutes.filter(
    ({ nav, places, capability }) =>
      nav !== undefined &&
      places.includes(place.kind) &&
      (capability === null || session.capabilities.includes(capability)),
  )
}
