import { useInterval } from '@mantine/hooks'
import { useState } from 'react'
import type { ReactNode } from 'react'

/** Counts down to a time, in minutes and, at last, in seconds. */
export function RemainingTime({
  until,
}: {
  /** An ISO time, or what tells the milliseconds of the epoch. */
  readonly until: string | (() => number)
}): ReactNode {
  const [now, setNow] = useState(() => Date.now())
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true })
  const end = typeof until === 'string' ? Date.parse(until) : until()
  const seconds = Math.max(0, Math.floor((end - now) / 1000))
  return <time dateTime={new Date(end).toISOString()}>{spoken(seconds)}</time>
}

function spoken(seconds: number): string {
  if (seconds < 90) return `${String(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} days`
}
