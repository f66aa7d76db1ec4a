import { numbersFrom } from '../numbers.js'
import type { World } from '../world.js'

/** Roles that every world of a run shares; they are the cluster's. */
export interface FuzzRoles {
  readonly app: string
  readonly lone: string
  readonly grp: string
  readonly far: string
  readonly stranger: string
  readonly definer: string
}

/** Where a world is built: names that stand for its placeholders. */
export interface Place {
  readonly schema: string
  readonly settings: string
  readonly roles: FuzzRoles
  readonly runtime: string
  /** Replaces the placeholders of a text. */
  fill(text: string): string
}

let places = 0

/** A place of its own: settings of its name were never set in any session. */
export function placeFor(world: World, roles: FuzzRoles): Place {
  places += 1
  const schema = `w${places}`
  const settings = `w${places}_${numbersFrom(world.seed)(2 ** 30).toString(36)}`
  const runtime = roles[world.runtime]
  const names: Readonly<Record<string, string>> = { ...roles, s: schema, w: settings, runtime }
  return {
    schema,
    settings,
    roles,
    runtime,
    fill: (text) => text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole),
  }
}
