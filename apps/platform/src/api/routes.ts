import { accessGrantRoutes } from '../access-grants/grant-routes.js'
import { auditRoutes } from '../audit/audit-routes.js'
import { evaluationRoutes } from '../evaluation/routes.js'
import { eventsRoutes } from '../events/routes.js'
import { explainRoutes } from '../explain/explain-routes.js'
import { identityRoutes } from '../identity/routes.js'
import { isolationRoutes } from '../isolation/run-routes.js'
import { keyRoutes } from '../keys/key-routes.js'
import { mediaRoutes } from '../media/media-routes.js'
import { memberPackRoutes } from '../members/routes.js'
import { notifyRoutes } from '../notify/notify-routes.js'
import { performanceRoutes } from '../performance/performance-routes.js'
import { securityRoutes } from '../security/security-routes.js'
import { lifecycleRoutes } from '../tenants/routes.js'
import type { Route } from './route.js'

/** Every operation of the API. */
export const routes: readonly Route[] = [
  ...identityRoutes,
  ...memberPackRoutes,
  ...accessGrantRoutes,
  ...auditRoutes,
  ...securityRoutes,
  ...evaluationRoutes,
  ...eventsRoutes,
  ...notifyRoutes,
  ...mediaRoutes,
  ...keyRoutes,
  ...isolationRoutes,
  ...explainRoutes,
  ...performanceRoutes,
  ...lifecycleRoutes,
]
