import type { Explainer } from '../explain/explainer.js'
import type { SessionIssuer } from '../identity/session-issuer.js'
import type { Diagnostics } from '../performance/diagnostics.js'
import type { TenantLoad } from '../performance/tenant-load.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'

/** What handlers may use beside the database; a server is opened with all of it. */
export interface ApiServices {
  /** Signs the tokens that tenant and org unit are switched with. */
  readonly sessions: SessionIssuer
  /** Where the workers keep exports; without it none can be downloaded. */
  readonly exports?: ExportStorage
  /** Asks why a row is or is not visible. */
  readonly explainer?: Explainer
  /** Reads the server's statistics; without it the page says how to have it. */
  readonly diagnostics?: Diagnostics
  /** Counts what this process has done for each tenant. */
  readonly load?: TenantLoad
  /** Where browsers reach the console, without a slash at the end: mails link to it. */
  readonly publicUrl?: string
}
