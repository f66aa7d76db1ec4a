import type { Command } from 'watertight/model'
import type { Subject } from '../../src/prove/encode/encoding.js'
import type { Trial } from './plan-attempts.js'
import { isRows } from './server/attempt.js'
import type { Outcome } from './server/attempt.js'
import type { Place } from './server/place.js'
import type { Cells, World } from './world.js'

/** A world as it was built. */
export interface Scene {
  readonly world: World
  readonly place: Place
  readonly stored: ReadonlyMap<string, readonly Cells[]>
  readonly subject: Subject
}

/** A trial and what the server did. */
export interface Observed {
  readonly trial: Trial
  readonly outcome: Outcome
}

/** The command whose proof speaks of a trial. */
export const commandOf: Readonly<Record<Trial['form'], Command>> = {
  select: 'SELECT',
  delete: 'DELETE',
  update: 'UPDATE',
  hop: 'UPDATE',
  insert: 'INSERT',
  upsert: 'UPDATE',
}

/** The rows that a trial reached, as they were before it; null when it failed. */
export function reachedRows(
  { trial, outcome }: Observed,
  all: readonly Cells[],
): readonly Cells[] | null {
  if (outcome.error !== undefined || !isRows(outcome.seen)) return null
  const seen = new Set(outcome.seen.map(({ id }) => id))
  const present = trial.only === null ? all : [trial.only]
  switch (trial.form) {
    case 'delete':
      return present.filter(({ id }) => !seen.has(id ?? null))
    case 'insert':
      return []
    default:
      return present.filter(({ id }) => seen.has(id ?? null))
  }
}
