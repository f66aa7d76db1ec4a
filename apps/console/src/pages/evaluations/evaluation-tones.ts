import type { Tone } from '../../details/status.js'

/** What the states of versions, assignments, sessions and corrections mean. */
export const evaluationTones: Readonly<Record<string, Tone>> = {
  draft: 'waiting',
  published: 'good',
  withdrawn: 'ended',
  assigned: 'waiting',
  started: 'waiting',
  submitted: 'good',
  cancelled: 'bad',
  open: 'waiting',
  finished: 'good',
  expired: 'bad',
  proposed: 'waiting',
}
