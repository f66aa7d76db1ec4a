import type { Route } from '../api/route.js'
import { apiKeyRoutes } from './api-key-routes.js'
import { profileRoutes } from './profile-routes.js'
import { sessionRoutes } from './session-routes.js'

/** Sessions, profiles and API keys. */
export const identityRoutes: readonly Route[] = [
  ...sessionRoutes,
  ...profileRoutes,
  ...apiKeyRoutes,
]
