import type { Route } from '../api/route.js'
import { invitationRoutes } from './invitation-routes.js'
import { memberRoutes } from './member-routes.js'
import { nameRoutes } from './name-routes.js'
import { orgUnitRoutes } from './org-unit-routes.js'
import { placeRoutes } from './place-routes.js'

/** Who belongs to a tenant, and where they work. */
export const memberPackRoutes: readonly Route[] = [
  ...memberRoutes,
  ...placeRoutes,
  ...invitationRoutes,
  ...nameRoutes,
  ...orgUnitRoutes,
]
