import { overviewRoutes } from './overview/routes.js'
import type { PageRoute } from './page-route.js'
import { securityRoutes } from './security/routes.js'

/** Every page of the console; each area lists its own. */
export const pageRoutes: readonly PageRoute[] = [...overviewRoutes, ...securityRoutes]
