import type { Route } from '../api/route.js'
import { alertRoutes } from './alert-routes.js'
import { assetRoutes } from './asset-routes.js'
import { complianceRoutes } from './compliance-routes.js'
import { deliveryRoutes } from './delivery-routes.js'
import { destinationRoutes } from './destination-routes.js'
import { enrolmentRoutes } from './enrolment-routes.js'
import { evidenceRoutes } from './evidence-routes.js'
import { exportRoutes } from './export-routes.js'
import { ticketRoutes } from './ticket-routes.js'

/**
 * Security operations: assets, what is detected on them and what is done about it, who is told of
 * it, and the proof that controls work.
 */
export const securityRoutes: readonly Route[] = [
  ...assetRoutes,
  ...enrolmentRoutes,
  ...alertRoutes,
  ...ticketRoutes,
  ...destinationRoutes,
  ...deliveryRoutes,
  ...complianceRoutes,
  ...evidenceRoutes,
  ...exportRoutes,
]
