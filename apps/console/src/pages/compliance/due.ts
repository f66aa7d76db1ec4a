const day = 86_400_000

/** How fresh evidence is, in words that need no colour. */
export interface Freshness {
  readonly text: string
  readonly isStale: boolean
  /** ISO time at which it is due anew. */
  readonly dueAt: string
}

/**
 * How fresh evidence is that was collected at a time and stays fresh for so many days.
 *
 * @example
 * freshnessOf('2026-01-01T00:00:00Z', 90, Date.parse('2026-01-31')).text // 'fresh, due in 60 days'
 */
export function freshnessOf(collectedAt: string, freshDays: number, now: number): Freshness {
  const due = Date.parse(collectedAt) + freshDays * day
  const days = Math.ceil(Math.abs(due - now) / day)
  const span = `${String(days)} ${days === 1 ? 'day' : 'days'}`
  const isStale = due <= now
  return {
    isStale,
    text: isStale ? `stale, was due ${span} ago` : `fresh, due in ${span}`,
    dueAt: new Date(due).toISOString(),
  }
}
