import type { Route } from '../api/route.js'
import { notificationLogRoutes } from './log-routes.js'
import { preferenceRoutes } from './preference-routes.js'
import { templateRoutes } from './template-routes.js'

/** Messages to people: their texts, what was sent, who wants what. */
export const notifyRoutes: readonly Route[] = [
  ...templateRoutes,
  ...notificationLogRoutes,
  ...preferenceRoutes,
]
