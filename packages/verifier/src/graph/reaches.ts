import type { SourceReach } from '../findings/index.js'
import type { GraphObject } from './graph-objects.js'

/** A part of a body that cannot be read, and whose rights it runs with (null: the caller's). */
export interface OpaquePart {
  readonly name: string
  readonly reason: string
  readonly as: string | null
  readonly isUntrusted: boolean
}

/** What an object leads to, through any nesting. */
export interface Reaches {
  readonly reaches: readonly SourceReach[]
  readonly opaque: readonly OpaquePart[]
}

/** Steps that the statement of a caller takes; the others say how things hang together. */
const taken: ReadonlySet<string> = new Set(['reads', 'writes', 'calls', 'fires', 'publishes'])

interface State {
  readonly object: GraphObject
  readonly as: string | null
  readonly isWritten: boolean
  readonly through: readonly string[]
}

/**
 * Every table with tenant rows that an object leads to, with the role whose rights count there. Of
 * a table, triggers and rules are followed only where something writes to it.
 */
export function reachesOf(start: GraphObject, objects: ReadonlyMap<string, GraphObject>): Reaches {
  const reaches = new Map<string, SourceReach>()
  const opaque = new Map<string, OpaquePart>()
  const seen = new Set<string>()
  const states: State[] = [{ object: start, as: null, isWritten: false, through: [] }]
  for (const { object, as, isWritten, through } of states) {
    const steps = object.steps()
    const own = object.as ?? as
    const next = object === start ? through : [...through, object.name]
    for (const reason of object.opaque()) {
      const { name, isUntrusted } = object
      opaque.set(`${own} ${name} ${reason}`, { name, reason, as: own, isUntrusted })
    }
    for (const step of steps) {
      const target = objects.get(step.to)
      if (target === undefined || !taken.has(step.kind)) continue
      if (step.kind === 'fires' && !isWritten) continue
      const effective = step.as ?? as
      const writes = step.kind === 'writes'
      if (target.holdsTenantRows) {
        const access = writes ? 'writes' : 'reads'
        const key = `${access} ${effective} ${target.id}`
        if (!reaches.has(key)) {
          reaches.set(key, { table: target.name, access, as: effective, through: next })
        }
      }
      const state = `${step.to} ${effective} ${writes}`
      if (seen.has(state)) continue
      seen.add(state)
      states.push({ object: target, as: effective, isWritten: writes, through: next })
    }
  }
  return { reaches: [...reaches.values()], opaque: [...opaque.values()] }
}
