import type { SessionIssuer } from '../identity/session-issuer.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'

/** What handlers may use beside the database; a server is opened with all of it. */
export interface ApiServices {
  /** Signs the tokens that tenant and org unit are switched with. */
  readonly sessions: SessionIssuer
  /** Where the workers keep exports; without it none can be downloaded. */
  readonly exports?: ExportStorage
}
