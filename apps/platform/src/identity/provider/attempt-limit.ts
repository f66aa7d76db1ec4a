/** How many failures there may be within a time. */
export interface AttemptBound {
  readonly failures: number
  /** Milliseconds from the first failure until all of them are forgotten. */
  readonly window: number
}

/** How often a sign-in may fail, for one account and from one address. */
export interface SignInBounds {
  readonly account: AttemptBound
  readonly address: AttemptBound
}

/** Counts failures by key and says how long a key has to wait. */
export interface AttemptLimit {
  /** Seconds until the key may try again; null when it may now. */
  waitOf(key: string): number | null
  fail(key: string): void
  /** Forgets the failures of a key. */
  clear(key: string): void
}

interface Count {
  failures: number
  /** Milliseconds since 1970. */
  readonly endsAt: number
}

/** Keeps no more keys than this; the oldest goes first. */
const maxKeys = 20_000

/**
 * A bounded number of failures in a time, in this process.
 *
 * SECURITY: who has used them up is refused whatever is presented, or a right guess would be told.
 */
export function attemptLimit(
  { failures, window }: AttemptBound,
  now: () => number = Date.now,
): AttemptLimit {
  const counts = new Map<string, Count>()
  const live = (key: string): Count | undefined => {
    const count = counts.get(key)
    if (count === undefined || count.endsAt > now()) return count
    counts.delete(key)
    return undefined
  }
  const makeRoom = (): void => {
    if (counts.size < maxKeys) return
    for (const [key, { endsAt }] of counts) if (endsAt <= now()) counts.delete(key)
    for (const key of counts.keys()) {
      if (counts.size < maxKeys) return
      counts.delete(key)
    }
  }
  return {
    waitOf(key) {
      const count = live(key)
      if (count === undefined || count.failures < failures) return null
      return Math.max(1, Math.ceil((count.endsAt - now()) / 1000))
    },
    fail(key) {
      const count = live(key)
      if (count !== undefined) {
        count.failures += 1
        return
      }
      makeRoom()
      counts.set(key, { failures: 1, endsAt: now() + window })
    },
    clear: (key) => void counts.delete(key),
  }
}
