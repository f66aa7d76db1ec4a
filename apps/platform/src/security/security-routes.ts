import type { Route } from '../api/route.js'
import { alertRoutes } from './alert-routes.js'
import { assetRoutes } from './asset-routes.js'
import { enrolmentRoutes } from './enrolment-routes.js'
import { ticketRoutes } from './ticket-routes.js'

/** Security operations: assets, what is detected on them, and what is done about it. */
export const securityRoutes: readonly Route[] = [
  ...assetRoutes,
  ...enrolmentRoutes,
  ...alertRoutes,
  ...ticketRoutes,
]
