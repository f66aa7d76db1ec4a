import type { Step } from './plan.js'

/**
 * Orders steps so that each comes after those it requires; steps that do not depend on each other
 * keep their given order. Requirements that are not in the plan are already met by the database.
 *
 * INVARIANT: the planner never makes a cycle; one would be a bug, so it throws a plain Error.
 */
export function orderSteps(steps: readonly Step[]): readonly Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const ordered: Step[] = []
  const state = new Map<string, 'visiting' | 'done'>()

  const visit = (step: Step): void => {
    const seen = state.get(step.id)
    if (seen === 'done') return
    if (seen === 'visiting') throw new Error(`plan steps require each other: ${step.id}`)
    state.set(step.id, 'visiting')
    for (const id of step.requires) {
      const required = byId.get(id)
      if (required) visit(required)
    }
    state.set(step.id, 'done')
    ordered.push(step)
  }

  for (const step of steps) visit(step)
  return ordered
}
