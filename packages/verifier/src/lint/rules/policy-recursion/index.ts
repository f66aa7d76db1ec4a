import { makeFinding } from '../../../findings/index.js'
import { recursionState, recursivePolicies } from '../../recursive-policies.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** Who may run a command on a table cannot, for its policies read each other without end. */
export const policyRecursion: CatalogRule = {
  kind: 'catalog',
  id: 'policy-recursion',
  title: 'Policies read each other without end, so that PostgreSQL refuses every statement.',
  check: (input) =>
    input.tables.tables.flatMap(({ relation, name }) =>
      reachOf(input, relation).flatMap(({ role, commands }) => {
        const refused = commands.flatMap((command) => {
          const circle = recursivePolicies(input, relation, role, command)
          return circle === null ? [] : [{ command, circle }]
        })
        const [first] = refused
        if (first === undefined) return []
        const names = refused.map(({ command }) => command)
        return [
          makeFinding({
            rule: 'policy-recursion',
            severity: 'warning',
            object: name,
            role,
            message: `${role} can run no ${listed(names)} on ${name}: ${first.circle}.`,
            evidence: { commands: names, sqlState: recursionState },
            remedy:
              'Let the policy ask a SECURITY DEFINER function with a pinned search_path, whose owner the policies do not bind, instead of the table.',
          }),
        ]
      }),
    ),
}
