import type { Tone } from '../../details/status.js'

/** States of an erasure; what was agreed on still waits for its time. */
export const erasureTones: Readonly<Record<string, Tone>> = { approved: 'waiting' }

/** A person of staff, who is known by id alone. */
export function staffName(id: string | null, ownId: string): string | null {
  return id === ownId ? 'you' : id
}
