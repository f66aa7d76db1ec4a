import type { ReactNode } from 'react'
import type { Tone } from './status.js'
import { Status } from './status.js'

const tones: Readonly<Record<string, Tone>> = {
  accepted: 'good',
  acknowledged: 'waiting',
  active: 'good',
  allowed: 'good',
  approved: 'good',
  bounced: 'bad',
  critical: 'bad',
  dead_letter: 'bad',
  delivered: 'good',
  denied: 'bad',
  disabled: 'bad',
  failed: 'bad',
  halted: 'bad',
  high: 'bad',
  implemented: 'good',
  in_progress: 'waiting',
  live: 'good',
  medium: 'waiting',
  open: 'waiting',
  pending: 'waiting',
  queued: 'waiting',
  ready: 'good',
  rejected: 'ended',
  resolved: 'good',
  retrying: 'waiting',
  rotating: 'waiting',
  sent: 'good',
  suspended: 'bad',
  upcoming: 'waiting',
}

/** A state of the API as a badge; a tone may be given where the word alone does not say it. */
export function StateBadge({
  state,
  tone,
}: {
  readonly state: string
  readonly tone?: Tone | undefined
}): ReactNode {
  return <Status text={state} tone={tone ?? tones[state] ?? 'ended'} />
}
