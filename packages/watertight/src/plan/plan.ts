import type { OptionalGroup } from '../model/index.js'

/** What a step may do to people who use the database while or after it runs. */
export type HazardKind =
  | 'WIDENS_ACCESS'
  | 'NARROWS_ACCESS'
  | 'DISABLES_RLS'
  | 'DROPS_POLICY'
  | 'GRANTS_BYPASS'
  | 'REWRITES_TABLE'
  | 'BLOCKS_WRITES'
  | 'DELETES_DATA'
  | 'OPENS_WINDOW'

/** A named risk of a step, with the object it concerns. */
export interface Hazard {
  readonly kind: HazardKind
  /** `schema.table`, or the name of a role; what `--allow KIND:object` has to name. */
  readonly object: string
  /** One sentence: what happens to whom, and which lock is taken where that matters. */
  readonly detail: string
}

/** One change of the isolation layer with its reverse. */
export interface Step {
  /** Stable address such as `policy:app.orders:watertight_member_guard`. */
  readonly id: string
  /** The relation, schema or role that changes, as people write it. */
  readonly object: string
  /** One line for people. */
  readonly summary: string
  /** Statements, each without a trailing semicolon. */
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** Ids of steps that must come before this one, if they are in the plan. */
  readonly requires: readonly string[]
  readonly hazards: readonly Hazard[]
  /** Hazards of running `down`. */
  readonly downHazards: readonly Hazard[]
  /** The opt-in group the step belongs to, or null when it is always planned. */
  readonly group: OptionalGroup | null
}

/** Where a plan was made; `apply` refuses it anywhere else. */
export interface PlanOrigin {
  readonly catalogHash: string
  readonly database: string
  readonly systemIdentifier: string
  readonly serverVersionNum: number
  /** The schemas and roles that `catalogHash` covers. */
  readonly schemas: readonly string[]
  readonly roles: readonly string[]
}

/** Something the planner saw and left alone, and why. */
export interface PlanNote {
  readonly object: string
  readonly message: string
}

/** The difference between the isolation layer a model wants and the one a database has. */
export interface Plan {
  readonly format: 'watertight.plan/1'
  readonly from: PlanOrigin
  /** In an order that can be executed from first to last. */
  readonly steps: readonly Step[]
  /** Steps of opt-in groups that were not asked for. */
  readonly optional: readonly Step[]
  readonly notes: readonly PlanNote[]
}
