import { auditRoutes } from '../audit/audit-routes.js'
import { evaluationRoutes } from '../evaluation/routes.js'
import { eventsRoutes } from '../events/routes.js'
import { mediaRoutes } from '../media/media-routes.js'
import { notifyRoutes } from '../notify/notify-routes.js'
import { securityRoutes } from '../security/security-routes.js'
import type { Route } from './route.js'

/** Every operation of the API. */
export const routes: readonly Route[] = [
  ...auditRoutes,
  ...securityRoutes,
  ...evaluationRoutes,
  ...eventsRoutes,
  ...notifyRoutes,
  ...mediaRoutes,
]
