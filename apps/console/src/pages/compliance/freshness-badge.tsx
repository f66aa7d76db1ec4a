import type { ReactNode } from 'react'
import { Status } from '../../details/status.js'
import { freshnessOf } from './due.js'

/** Says in words whether evidence is fresh; says so too when there is none. */
export function FreshnessBadge({
  collectedAt,
  freshDays,
}: {
  readonly collectedAt: string | null
  readonly freshDays: number
}): ReactNode {
  if (collectedAt === null) return <Status text="no evidence" tone="ended" />
  const { text, isStale } = freshnessOf(collectedAt, freshDays, Date.now())
  return <Status text={text} tone={isStale ? 'bad' : 'good'} />
}
