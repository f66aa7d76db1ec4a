import type { OptionalGroup } from '../model/index.js'
import type { Sql } from '../sql/index.js'
import type { Hazard, Step } from './plan.js'

/** A step before it is frozen; what is left out is empty. */
export interface StepDraft {
  readonly id: string
  readonly object: string
  readonly summary: string
  readonly up: readonly Sql[]
  readonly down: readonly Sql[]
  readonly requires?: readonly string[]
  readonly hazards?: readonly Hazard[]
  readonly downHazards?: readonly Hazard[]
  readonly group?: OptionalGroup
}

/** Freezes a draft into a {@link Step}. */
export function makeStep(draft: StepDraft): Step {
  return Object.freeze({
    id: draft.id,
    object: draft.object,
    summary: draft.summary,
    up: Object.freeze(draft.up.map((statement) => statement.text)),
    down: Object.freeze(draft.down.map((statement) => statement.text)),
    requires: Object.freeze([...(draft.requires ?? [])]),
    hazards: Object.freeze([...(draft.hazards ?? [])]),
    downHazards: Object.freeze([...(draft.downHazards ?? [])]),
    group: draft.group ?? null,
  })
}
