import { quantile } from '../flatness/scoped-database.js'
import { spreadOf } from '../throughput/rounds.js'
import type { Spread } from '../throughput/rounds.js'

/** What the calls of one class came to; a spread over the rounds. */
export interface ClassFigures {
  readonly perSecond: Spread
  /** Microseconds. */
  readonly p50Us: Spread
  readonly p99Us: Spread
}

/** The calls of one class in one round: microseconds each. */
export interface ClassRound {
  readonly times: number[]
  readonly seconds: number
}

/** @throws {RangeError} without a round, or with a round without a call: there are no figures then. */
export function classFigures(rounds: readonly ClassRound[]): ClassFigures {
  if (rounds.length === 0 || rounds.some(({ times }) => times.length === 0)) {
    throw new RangeError('a round without a call has no figures')
  }
  const sorted = rounds.map(({ times }) => [...times].sort((left, right) => left - right))
  return {
    perSecond: spreadOf(rounds.map(({ times, seconds }) => times.length / seconds)),
    p50Us: spreadOf(sorted.map((times) => quantile(times, 0.5))),
    p99Us: spreadOf(sorted.map((times) => quantile(times, 0.99))),
  }
}
