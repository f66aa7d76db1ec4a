import type { RuntimeRole, TenancyModel } from 'watertight/model'
import type { Obligation } from '../obligation.js'

/** Who reaches a row, and to do what. */
export interface Reader {
  /** The role that the command runs as. */
  readonly role: string
  /** What the model has the role for; null for a role that it does not name. */
  readonly kind: RuntimeRole | null
  readonly writes: boolean
}

const kinds: readonly RuntimeRole[] = ['app', 'public', 'auditor', 'worker', 'platform']

/** What the model has a role for: the first purpose, as a role with several serves the first. */
export function kindOf({ roles }: TenancyModel, role: string): RuntimeRole | null {
  return kinds.find((kind) => roles[kind] === role) ?? null
}

export function readerOf(model: TenancyModel, { role, actor, command }: Obligation): Reader {
  return { role: actor, kind: kindOf(model, role), writes: command !== 'SELECT' }
}
