import type { Tone } from '../../details/status.js'

/** States of an erasure; what was agreed on still waits for its time. */
export const erasureTones: Readonly<Record<string, Tone>> = { approved: 'waiting' }
