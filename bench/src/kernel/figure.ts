import type { Spread } from '../throughput/rounds.js'

/** What one thing costs the server. */
export interface Figure {
  readonly name: string
  readonly microseconds: Spread
}
