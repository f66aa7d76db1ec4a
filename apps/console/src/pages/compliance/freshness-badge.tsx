import type { ReactNode } from 'react'
import { Status } from '../../details/status.js'
import { freshnessOf } from './due.js'

/**
 * Says in words whether evidence is fresh, and when it is due unless that stands beside it; says so too
 * when there is none.
 */
export function FreshnessBadge({
  collectedAt,
  freshDays,
  isShort = false,
}: {
  readonly collectedAt: string | null
  readonly freshDays: number
  /** True where the time at which it is due is shown beside it. */
  readonly isShort?: boolean
}): ReactNode {
  if (collectedAt === null) return <Status text="no evidence" tone="ended" />
  const { text, isStale } = freshnessOf(collectedAt, freshDays, Date.now())
  const short = isStale ? 'stale' : 'fresh'
  return <Status text={isShort ? short : text} tone={isStale ? 'bad' : 'good'} />
}
