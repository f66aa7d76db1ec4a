import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Keeps no more than this; what is oldest goes first. */
const maxEntries = 20_000

const ofGrant: ReadonlySet<string> = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'Grant',
])

/**
 * Sessions, codes, grants and refresh tokens of a provider that lives as long as its process: they
 * end with it, and so do its signing keys.
 */
export function memoryStore(now: () => number = Date.now): AdapterFactory {
  const entries = new Map<string, Entry>()

  const live = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key)
    if (entry === undefined || entry.expiresAt > now()) return entry?.payload
    entries.delete(key)
    return undefined
  }
  const makeRoom = (): void => {
    if (entries.size < maxEntries) return
    for (const [key, { expiresAt }] of entries) if (expiresAt <= now()) entries.delete(key)
    for (const key of entries.keys()) {
      if (entries.size < maxEntries) return
      entries.delete(key)
    }
  }

  return (model: string): Adapter => {
    const keyOf = (id: string): string => `${model}:${id}`
    const findBy = async (
      field: 'uid' | 'userCode',
      value: string,
    ): Promise<AdapterPayload | undefined> => {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(`${model}:`) && payload[field] === value) return live(key)
      }
      return undefined
    }
    return {
      async upsert(id, payload, expiresIn) {
        makeRoom()
        entries.set(keyOf(id), { payload, expiresAt: now() + expiresIn * 1000 })
      },
      find: async (id) => live(keyOf(id)),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (userCode) => findBy('userCode', userCode),
      async consume(id) {
        const payload = live(keyOf(id))
        if (payload !== undefined) payload['consumed'] = Math.floor(now() / 1000)
      },
      async destroy(id) {
        entries.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) {
          const [kind = ''] = key.split(':')
          if (ofGrant.has(kind) && payload.grantId === grantId) entries.delete(key)
        }
      },
    }
  }
}
