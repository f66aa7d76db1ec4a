import type { Route } from '../api/route.js'
import { apiKeyRoutes } from './api-key-routes.js'
import { sessionRoutes } from './session-routes.js'

/** Sessions and API keys. */
export const identityRoutes: readonly Route[] = [...sessionRoutes, ...apiKeyRoutes]
