import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { LintInput } from './rule.js'

/** The statements that Row Level Security governs. */
export const commands: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/** One runtime role and what it may run on a relation. */
export interface Reach {
  readonly role: string
  readonly kind: LintInput['roles'][number]['kind']
  readonly commands: readonly Command[]
}

/** Runtime roles that may run at least one command on the relation. */
export function reachOf(input: LintInput, relation: Relation): readonly Reach[] {
  return input.roles
    .map((role) => ({
      role: role.name,
      kind: role.kind,
      commands: commands.filter((command) => input.access.can(role.name, command, relation)),
    }))
    .filter((reach) => reach.commands.length > 0)
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
