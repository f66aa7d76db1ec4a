import type { Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { objectName } from '../graph/object-name.js'
import { wordsOf } from '../graph/mentioned-relations.js'
import type { LintInput } from '../lint/rule.js'

/** The state in which the server refuses a statement whose policies read each other without end. */
export const recursionState = '42P17'

interface Step {
  readonly relation: Relation
  readonly policy: Policy
}

/**
 * Which policies make a command on a table fail because they read each other without end:
 * `policy p on public.a reads public.b, policy q on public.b reads public.a`. Looks at names alone, so
 * that it explains what the server refused and never foretells it; null where it sees no such circle.
 */
export function policyRecursion(
  input: LintInput,
  relation: Relation,
  role: string,
  command: Command,
): string | null {
  const circle = findCircle(input, role, stepsFrom(input, relation, role, command))
  if (circle === null) return null
  const told = circle.map(({ relation: from, policy }, index) => {
    const next = circle[index + 1] ?? circle[0]
    return `policy ${policy.name} on ${objectName(from)} reads ${next && objectName(next.relation)}`
  })
  return `infinite recursion, for which PostgreSQL refuses every such statement: ${told.join(', ')}`
}

/** The shortest way along policies from any of the first steps that comes back on itself. */
function findCircle(
  input: LintInput,
  role: string,
  first: readonly Step[],
): readonly Step[] | null {
  const paths = first.map((step) => [step])
  const seen = new Set<Policy>(first.map(({ policy }) => policy))
  for (const path of paths) {
    const last = path.at(-1)
    if (last === undefined) continue
    for (const next of readBy(input, last)) {
      const at = path.findIndex(({ relation }) => relation === next)
      if (at >= 0) return path.slice(at)
      for (const step of stepsFrom(input, next, role, 'SELECT')) {
        if (seen.has(step.policy)) continue
        seen.add(step.policy)
        paths.push([...path, step])
      }
    }
  }
  return null
}

function stepsFrom(
  { access }: LintInput,
  relation: Relation,
  role: string,
  command: Command,
): readonly Step[] {
  if (!relation.rls.enabled || access.bypassesRls(role, relation)) return []
  return access.policies(role, command, relation).map((policy) => ({ relation, policy }))
}

/** Relations that the policy reads in queries of its own. */
function readBy({ catalog }: LintInput, { policy }: Step): readonly Relation[] {
  const words = wordsOf(`${policy.using ?? ''} ${policy.withCheck ?? ''}`)
  return catalog.relations.filter(({ schema, name }) =>
    words.some((word, at) => {
      if (word !== name.toLowerCase()) return false
      const before = words[at - 1] ?? ''
      return readers.has(before === schema.toLowerCase() ? (words[at - 2] ?? '') : before)
    }),
  )
}

const readers: ReadonlySet<string> = new Set(['from', 'join'])
