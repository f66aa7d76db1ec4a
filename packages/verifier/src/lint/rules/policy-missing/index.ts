import { makeFinding } from '../../../findings/index.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** A command is granted, but no policy admits it: it never touches a row. */
export const policyMissing: CatalogRule = {
  kind: 'catalog',
  id: 'policy-missing',
  title: 'A granted command has no policy, so it reaches no row.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation } = table
      if (!relation.rls.enabled) return []
      return reachOf(input, relation).flatMap(({ role, commands }) => {
        if (input.access.bypassesRls(role, relation)) return []
        const denied = commands.filter(
          (command) =>
            !input.access.policies(role, command, relation).some((policy) => policy.permissive),
        )
        if (denied.length === 0) return []
        return [
          makeFinding({
            rule: 'policy-missing',
            severity: 'info',
            object: table.name,
            role,
            message: `${role} holds ${listed(denied)} on ${table.name}, but no policy admits a row: the grant is dead or a policy is missing.`,
            evidence: { commands: denied },
            remedy: 'Revoke the command, or write the policy that it was granted for.',
          }),
        ]
      })
    }),
}
