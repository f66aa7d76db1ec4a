import type { Route } from '../api/route.js'
import { archiveRoutes } from './archive-routes.js'
import { erasureRoutes } from './erasure-routes.js'
import { organizationRequestRoutes } from './organization-request-routes.js'
import { tenantRoutes } from './tenant-routes.js'

/** Life of tenants: from the request for an organisation to the proof that all of it is gone. */
export const lifecycleRoutes: readonly Route[] = [
  ...tenantRoutes,
  ...organizationRequestRoutes,
  ...archiveRoutes,
  ...erasureRoutes,
]
