import { auditRoutes } from './audit/routes.js'
import { eventRoutes } from './events/routes.js'
import { integrationRoutes } from './integrations/routes.js'
import { isolationRoutes } from './isolation/routes.js'
import { overviewRoutes } from './overview/routes.js'
import type { PageRoute } from './page-route.js'
import { performanceRoutes } from './performance/routes.js'
import { publicRoutes } from './public/routes.js'
import { securityRoutes } from './security/routes.js'

/** Every page of the console; each area lists its own. */
export const pageRoutes: readonly PageRoute[] = [
  ...overviewRoutes,
  ...securityRoutes,
  ...integrationRoutes,
  ...auditRoutes,
  ...eventRoutes,
  ...publicRoutes,
  ...isolationRoutes,
  ...performanceRoutes,
]
