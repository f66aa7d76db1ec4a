import { findRelation } from 'watertight/catalog'
import type { Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { fieldsOf, isNode, listOf, textOf } from '../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../expr/parser/parser.js'
import { objectName } from '../graph/object-name.js'
import { decidingExpression } from './deciding-expression.js'
import type { LintInput } from './rule.js'

/** The state in which the server refuses a statement whose policies read each other without end. */
export const recursionState = '42P17'

interface Step {
  readonly relation: Relation
  readonly policy: Policy
  /** The conditions of the policy that are put into the statement. */
  readonly conditions: readonly string[]
}

/**
 * Which policies make a command on a table fail because they read each other without end:
 * `policy p on public.a reads public.b, policy q on public.b reads public.a`. PostgreSQL finds that
 * while it puts the policies into the statement, whatever the rows. Null where they do not.
 */
export function recursivePolicies(
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
      const further = stepsFrom(input, next, role, 'SELECT')
      // The server looks for a circle where a policy has a sub-select, be it `(select auth.uid())`.
      if (at >= 0 && further.some(hasSubSelect)) return path.slice(at)
      for (const step of further) {
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
  const policies = access.policies(role, command, relation)
  // Restrictive policies alone let nothing through, and are not looked at.
  if (!policies.some(({ permissive }) => permissive)) return []
  return policies.map((policy) => ({
    relation,
    policy,
    conditions: (['USING', 'WITH CHECK'] as const).flatMap(
      (clause) => decidingExpression(policy, command, clause)?.[1] ?? [],
    ),
  }))
}

/** Tables that the policy reads in queries of its own; a function reads in a statement of its own. */
function readBy({ catalog }: LintInput, { conditions }: Step): readonly Relation[] {
  return conditions.flatMap((text) =>
    namesIn(text).flatMap(({ schema, name }) => findRelation(catalog, schema, name) ?? []),
  )
}

/** In either condition: the server remembers of a policy that it has one, not where. */
function hasSubSelect({ policy: { using, withCheck } }: Step): boolean {
  return [using, withCheck].some(
    (text) => text !== null && treesOf(text).some((node) => has(node, 'SubLink')),
  )
}

function has(node: unknown, kind: string): boolean {
  if (Array.isArray(node)) return node.some((item) => has(item, kind))
  return isNode(node) && (kind in node || Object.values(node).some((value) => has(value, kind)))
}

/** Tables as the catalog prints them; a name without schema is that of a query in WITH. */
function namesIn(text: string): readonly { schema: string; name: string }[] {
  return treesOf(text).flatMap(rangesIn)
}

function treesOf(text: string): readonly unknown[] {
  try {
    return parseStatements(`select ${text}`).map(({ node }) => node)
  } catch {
    return []
  }
}

function rangesIn(node: unknown): readonly { schema: string; name: string }[] {
  if (Array.isArray(node)) return listOf(node).flatMap(rangesIn)
  if (!isNode(node)) return []
  const range = fieldsOf(node, 'RangeVar')
  const [schema, name] = [textOf(range?.['schemaname']), textOf(range?.['relname'])]
  const own = schema === '' ? [] : [{ schema, name }]
  return [...own, ...Object.values(node).flatMap(rangesIn)]
}
