import { accessGrantRoutes } from './access-grants/routes.js'
import { auditRoutes } from './audit/routes.js'
import { complianceRoutes } from './compliance/routes.js'
import { evaluationRoutes } from './evaluations/routes.js'
import { eventRoutes } from './events/routes.js'
import { exportRoutes } from './exports/routes.js'
import { integrationRoutes } from './integrations/routes.js'
import { invitationRoutes } from './invitation/routes.js'
import { isolationRoutes } from './isolation/routes.js'
import { mediaRoutes } from './media/routes.js'
import { memberRoutes } from './members/routes.js'
import { overviewRoutes } from './overview/routes.js'
import type { PageRoute } from './page-route.js'
import { performanceRoutes } from './performance/routes.js'
import { platformRoutes } from './platform/routes.js'
import { publicRoutes } from './public/routes.js'
import { securityRoutes } from './security/routes.js'
import { settingsRoutes } from './settings/routes.js'

/** Every page of the console; each area lists its own. */
export const pageRoutes: readonly PageRoute[] = [
  ...overviewRoutes,
  ...securityRoutes,
  ...integrationRoutes,
  ...auditRoutes,
  ...complianceRoutes,
  ...exportRoutes,
  ...evaluationRoutes,
  ...eventRoutes,
  ...mediaRoutes,
  ...publicRoutes,
  ...invitationRoutes,
  ...memberRoutes,
  ...accessGrantRoutes,
  ...settingsRoutes,
  ...isolationRoutes,
  ...performanceRoutes,
  ...platformRoutes,
]
