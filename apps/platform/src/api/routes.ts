import { evaluationRoutes } from '../evaluation/routes.js'
import { securityRoutes } from '../security/security-routes.js'
import type { Route } from './route.js'

/** Every operation of the API. */
export const routes: readonly Route[] = [...securityRoutes, ...evaluationRoutes]
