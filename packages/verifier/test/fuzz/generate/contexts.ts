import type { ContextInput } from 'watertight/model'
import { one, weighted } from '../numbers.js'
import type { Pick } from '../numbers.js'
import type { Kind, Settings } from '../world.js'
import { settingsOf } from './maker.js'
import { oddTexts, valuesOf } from './vocabulary.js'

/** Users that memberships name. */
export const users: readonly string[] = ['u1', 'u2', 'u3', '']

/** Contexts from a session without any setting to forged ones; the order is that of a session. */
export function contextsOf(
  pick: Pick,
  context: ContextInput,
  tenantKind: Kind,
  count: number,
): readonly Settings[] {
  const [main = '', user = '', other = ''] = settingsOf(context)
  const tenant = (): string =>
    weighted<() => string>(pick, [
      [8, () => one(pick, valuesOf[tenantKind].slice(0, 2))],
      [2, () => one(pick, valuesOf[tenantKind])],
      [2, () => one(pick, oddTexts(tenantKind))],
      [1, () => ''],
    ])()
  const mainText = (): string => (context.kind === 'jwt-claims' ? claims(pick, tenant()) : tenant())
  const someUser = (): string => one(pick, users)
  const word = (): string => one(pick, [...valuesOf[tenantKind], '1', 'a', 'a,b', ''])
  const none: Settings = { [main]: null, [user]: null, [other]: null }
  const sessions: Settings[] = [none]
  // A setting stays set once it was: sessions with less of them come first.
  if (context.kind === 'membership') sessions.push({ ...none, [user]: someUser() })
  else sessions.push({ ...none, [main]: mainText() })
  while (sessions.length < count) {
    sessions.push({ [main]: mainText(), [user]: someUser(), [other]: word() })
  }
  return sessions
}

function claims(pick: Pick, tenant: string): string {
  const asNumber = /^\d+$/.test(tenant) && !tenant.startsWith('0') ? Number(tenant) : tenant
  return weighted<() => string>(pick, [
    [8, () => JSON.stringify({ app: { tenant }, sub: 'u1' })],
    [2, () => JSON.stringify({ app: { tenant: asNumber } })],
    [1, () => JSON.stringify({ app: { tenant: null } })],
    [1, () => JSON.stringify({ tenant })],
    [1, () => JSON.stringify({ app: tenant })],
    [1, () => '{"app": '],
    [1, () => ''],
  ])()
}
