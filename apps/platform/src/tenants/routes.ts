import type { Route } from '../api/route.js'
import { organizationRequestRoutes } from './organization-request-routes.js'
import { tenantRoutes } from './tenant-routes.js'

/** Life of tenants: from the request for an organisation to suspension and legal hold. */
export const lifecycleRoutes: readonly Route[] = [...tenantRoutes, ...organizationRequestRoutes]
