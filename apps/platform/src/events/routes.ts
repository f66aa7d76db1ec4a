import type { Route } from '../api/route.js'
import { checkInRoutes } from './check-in-routes.js'
import { eventRoutes } from './event-routes.js'
import { guestListRoutes } from './guest-list-routes.js'
import { ownRegistrationRoutes } from './own-registration-routes.js'
import { publicRegistrationRoutes } from './public-registration-routes.js'
import { publicRoutes } from './public-routes.js'
import { registrationRoutes } from './registration-routes.js'
import { ticketTypeRoutes } from './ticket-type-routes.js'
import { waitlistRoutes } from './waitlist-routes.js'

/** Events, ticket sales and the door. */
export const eventsRoutes: readonly Route[] = [
  ...eventRoutes,
  ...ticketTypeRoutes,
  ...registrationRoutes,
  ...guestListRoutes,
  ...ownRegistrationRoutes,
  ...checkInRoutes,
  ...waitlistRoutes,
  ...publicRoutes,
  ...publicRegistrationRoutes,
]
