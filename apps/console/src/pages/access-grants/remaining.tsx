import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { spanOf } from './span.js'

/** How long a grant lasts still, or until it begins; kept up to date while it is shown. */
export function Remaining({
  state,
  startsAt,
  expiresAt,
}: {
  readonly state: string
  readonly startsAt: string
  readonly expiresAt: string
}): ReactNode {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000)
    return () => clearInterval(timer)
  }, [])
  if (state === 'revoked' || state === 'expired') return 'ended'
  const left = Date.parse(expiresAt) - now
  if (left <= 0) return 'ended'
  const wait = Date.parse(startsAt) - now
  return wait > 0 ? `begins in ${spanOf(wait)}` : `${spanOf(left)} left`
}
