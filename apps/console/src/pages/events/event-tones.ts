import type { Tone } from '../../details/status.js'

/** What the states of events, registrations and places on waiting lists mean. */
export const eventTones: Readonly<Record<string, Tone>> = {
  draft: 'waiting',
  published: 'good',
  cancelled: 'bad',
  completed: 'ended',
  pending: 'waiting',
  confirmed: 'good',
  waiting: 'waiting',
  offered: 'good',
  accepted: 'good',
  withdrawn: 'ended',
  expired: 'ended',
}
