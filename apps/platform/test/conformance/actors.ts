import { demoActors } from '../../src/demo-data/index.js'
import type { DemoActorKey } from '../../src/demo-data/index.js'
import type { SessionIssuer } from '../../src/identity/session-issuer.js'

/** Somebody who sends requests. */
export interface Actor {
  readonly key: DemoActorKey | null
  /** Null for who shows no token. */
  readonly userId: string | null
  /** The tenant of the token. */
  readonly tenantId: string | null
  /** Which of the demo tenants it is, for the texts that the actor writes; 0 for none. */
  readonly number: number
}

const keys: readonly DemoActorKey[] = [
  'securityAdmin',
  'securityManager',
  'securityAnalyst',
  'schoolAdmin',
  'schoolManager',
  'schoolPupil',
  'schoolClassmate',
  'eventsAdmin',
  'eventsManager',
  'eventsStaff',
  'auditorLive',
  'auditorExpired',
  'platformReadOnly',
  'platformWritable',
]

/** Nobody, without a token. */
export const nobody: Actor = { key: null, userId: null, tenantId: null, number: 0 }

/** Members of three tenants, an auditor and platform support, as far as they can have a token. */
export const actors: readonly Actor[] = keys.map((key) => {
  const userId = textOf(demoActors[key].claims.userId)
  const tenantId = textOf(demoActors[key].claims.tenantId)
  return { key, userId, tenantId, number: Number(tenantId?.slice(0, 8) ?? 0) }
})

/** Those who may do the most. */
export const admins: readonly Actor[] = actors.filter(({ key }) => key?.endsWith('Admin') === true)

/** A fresh token for every actor. */
export async function issueTokens(
  sessions: SessionIssuer,
): Promise<ReadonlyMap<DemoActorKey, string>> {
  const tokens = new Map<DemoActorKey, string>()
  for (const key of keys) {
    const { mode, ...claims } = demoActors[key].claims
    const userId = textOf(claims.userId)
    const tenantId = textOf(claims.tenantId)
    const isOpen = mode === 'member' || mode === 'auditor' || mode === 'platform'
    if (!isOpen || userId === null || tenantId === null) continue
    const { token } = await sessions.issue({
      mode,
      userId,
      tenantId,
      orgUnitId: textOf(claims.orgUnitId),
      grantId: textOf(claims.accessGrantId),
      scopes: null,
      signedInUntil: Math.floor(Date.now() / 1000) + 900,
    })
    tokens.set(key, token)
  }
  return tokens
}

function textOf(id: unknown): string | null {
  return typeof id === 'string' ? id : null
}
