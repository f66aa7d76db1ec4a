import type { SessionService } from '../identity/session-service.js'

/** What handlers may use beside the database; a server is opened with all of it. */
export interface ApiServices {
  readonly sessions: SessionService
}
