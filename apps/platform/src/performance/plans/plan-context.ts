import { parseTenantContext, signContext } from 'watertight/runtime'
import type { ContextMode, SigningKey } from 'watertight/runtime'
import type { RoleUrls } from '../../boot/open-tx-manager.js'

/** Under whom statements are planned. */
export interface PlanContext {
  /** Roles of the application, and the mode of each. */
  readonly modes: ReadonlyMap<string, ContextMode>
  /** A context of the tenant as the application sends it. */
  sign(mode: ContextMode, tenantId: string): string
}

/** Nobody's: plans depend on the tenant, and never on who it is that asks. */
const somebody = '00000000-0000-4000-8000-000000000000'

/** Contexts of the server's own roles. */
export function planContext(urls: RoleUrls, signingKey: SigningKey): PlanContext {
  const modes: readonly (readonly [string, ContextMode])[] = [
    [urls.app, 'member'],
    [urls.worker, 'worker'],
    [urls.auditor, 'auditor'],
    [urls.platform, 'platform'],
    [urls.public, 'public'],
  ]
  return {
    modes: new Map(modes.map(([url, mode]) => [decodeURIComponent(new URL(url).username), mode])),
    sign: (mode, tenantId) => signContext(contextOf(mode, tenantId), signingKey),
  }
}

function contextOf(mode: ContextMode, tenantId: string): ReturnType<typeof parseTenantContext> {
  const visitor = { mode, tenantId, userId: somebody, accessGrantId: somebody }
  switch (mode) {
    case 'public':
      return parseTenantContext({ mode })
    case 'auditor':
    case 'platform':
      return parseTenantContext(visitor)
    case 'member':
    case 'worker':
      return parseTenantContext({ mode, tenantId, userId: somebody, orgScope: 'all' })
  }
}
