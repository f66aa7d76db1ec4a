import type { Step } from './plan.js'

/**
 * Orders steps so that each comes after those it requires; steps that do not depend on each other
 * keep their given order. Requirements that are not in the plan are already met by the database.
 *
 * INVARIANT: no step is lost, even if hostile names made two ids equal: a step left out could be the
 * one that protects a table. The planner never makes a cycle; one would be a bug, so it throws a
 * plain Error.
 */
export function orderSteps(steps: readonly Step[]): readonly Step[] {
  const byId = new Map<string, Step[]>()
  for (const step of steps) byId.set(step.id, [...(byId.get(step.id) ?? []), step])
  const ordered: Step[] = []
  const state = new Map<Step, 'visiting' | 'done'>()

  const visit = (step: Step): void => {
    const seen = state.get(step)
    if (seen === 'done') return
    if (seen === 'visiting') throw new Error(`plan steps require each other: ${step.id}`)
    state.set(step, 'visiting')
    for (const id of step.requires) {
      for (const required of byId.get(id) ?? []) visit(required)
    }
    state.set(step, 'done')
    ordered.push(step)
  }

  for (const step of steps) visit(step)
  return ordered
}
