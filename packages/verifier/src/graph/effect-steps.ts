import type { GraphEdge, GraphEdgeKind } from '../findings/index.js'
import { functionName } from './function-name.js'
import { nodeId, relationId } from './graph-names.js'
import type { GraphNames } from './graph-names.js'
import { meant } from './statement-effects.js'
import type { StatementEffects, WrittenName } from './statement-effects.js'

/** Where an object leads, before it is an edge of the graph. */
export type Step = Omit<GraphEdge, 'from' | 'privileges'>

/** The steps that statements take with the rights of `as`. */
export function effectSteps(
  effects: StatementEffects,
  as: string | null,
  names: GraphNames,
): readonly Step[] {
  const to = (written: readonly WrittenName[], kind: 'reads' | 'writes'): readonly Step[] =>
    written
      .flatMap((name) => meant(name, names.relationsNamed))
      .map((relation) => ({ to: relationId(relation), kind, as }))
  return distinct([
    ...to(effects.reads, 'reads'),
    ...to(effects.writes, 'writes'),
    ...callSteps(effects.calls, as, names),
  ])
}

/** The steps to the functions that a text names. */
export function callSteps(
  calls: readonly WrittenName[],
  as: string | null,
  names: GraphNames,
): readonly Step[] {
  return distinct(
    calls
      .flatMap((name) => meant(name, names.functionsNamed))
      .map((fn) => ({ to: nodeId('function', functionName(fn)), kind: 'calls', as })),
  )
}

/** The same steps as edges of another kind. */
export function withKind(steps: readonly Step[], kind: GraphEdgeKind): readonly Step[] {
  return distinct(steps.map((step) => ({ ...step, kind })))
}

function distinct(steps: readonly Step[]): readonly Step[] {
  return [...new Map(steps.map((step) => [`${step.kind} ${step.as} ${step.to}`, step])).values()]
}
