import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { columnUses } from './column-uses.js'
import { functionEffects } from './function-effects.js'
import { functionName } from './function-name.js'
import { actionName, nodeId } from './graph-names.js'
import type { GraphNames } from './graph-names.js'
import type { GraphObject } from './graph-objects.js'

/** What bodies are looked for in. */
interface Bodies {
  readonly catalog: CatalogSnapshot
  readonly names: GraphNames
  readonly objects: ReadonlyMap<string, GraphObject>
  /** Names of functions of the isolation layer that are as generated. */
  readonly kernel: ReadonlySet<string>
}

const triggerEvents = ['INSERT', 'UPDATE', 'DELETE'] as const
type TriggerEvent = (typeof triggerEvents)[number]

/**
 * The function and what it calls, or fires by what it writes, but for functions of the layer. Which
 * triggers fire is told by what all of them do to a table, those included that turn out not to fire.
 */
export function disclosureBodies(state: Bodies, start: GraphObject): readonly FunctionInfo[] {
  const fired = firedTriggers(
    state,
    walkBodies(state, start, () => true),
  )
  return walkBodies(state, start, (id) => !fired.has(id) || fired.get(id) === true)
}

/** By the id of a trigger: whether something that the bodies do to its table fires it. */
function firedTriggers(
  { names, catalog }: Bodies,
  bodies: readonly FunctionInfo[],
): ReadonlyMap<string, boolean> {
  const events = new Map<Relation, Set<TriggerEvent>>()
  for (const body of bodies) {
    for (const use of columnUses(functionEffects(body), names).relations) {
      const found = events.get(use.relation) ?? new Set()
      if (use.inserts.size > 0) found.add('INSERT')
      if (use.deletes) found.add('DELETE')
      // An UPDATE that moves a row to another partition deletes and inserts it, too.
      if (use.updates.size > 0) for (const event of triggerEvents) found.add(event)
      events.set(use.relation, found)
    }
  }
  return new Map(
    catalog.relations.flatMap((relation) =>
      relation.triggers.map((trigger) => {
        const own = eventsOf(trigger.definition)
        const isFired = own.some((event) => events.get(relation)?.has(event) === true)
        return [nodeId('trigger', actionName(trigger.name, relation)), isFired] as const
      }),
    ),
  )
}

/** What fires a trigger, by `pg_get_triggerdef`; everything where that cannot be told. */
function eventsOf(definition: string): readonly TriggerEvent[] {
  const head =
    /^CREATE (?:CONSTRAINT )?TRIGGER (?:"(?:[^"]|"")*"|\S+) (?:BEFORE|AFTER|INSTEAD OF) (.*?) ON /s
  const named = head.exec(definition)?.[1]
  if (named === undefined) return triggerEvents
  return triggerEvents.filter((event) => named.includes(event))
}

function walkBodies(
  { catalog, objects, kernel }: Bodies,
  start: GraphObject,
  fires: (trigger: string) => boolean,
): readonly FunctionInfo[] {
  const byName = new Map(catalog.functions.map((fn) => [functionName(fn), fn]))
  const seen = new Set([start.id])
  const queue = [start]
  const bodies: FunctionInfo[] = []
  for (const object of queue) {
    const fn = object.kind === 'function' ? byName.get(object.name) : undefined
    if (fn !== undefined) bodies.push(fn)
    const isRelation = fn === undefined && object.kind !== 'trigger' && object.kind !== 'rule'
    for (const { to, kind } of object.steps()) {
      const isNext = isRelation ? kind === 'fires' : kind === 'calls' || kind === 'writes'
      const next = objects.get(to)
      if (!isNext || next === undefined || seen.has(to) || kernel.has(next.name)) continue
      if (!fires(to)) continue
      seen.add(to)
      queue.push(next)
    }
  }
  return bodies.filter(({ extension }) => extension === null)
}
