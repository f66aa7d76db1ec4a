import type { Policy } from 'watertight/catalog'
import { mentionsName } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { objectName } from '../../../graph/object-name.js'
import { decidingExpression } from '../../deciding-expression.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

const writes = ['INSERT', 'UPDATE'] as const

/** Membership decides whose rows one sees, and here one may write one's own. */
export const membershipWritable: CatalogRule = {
  kind: 'catalog',
  id: 'membership-writable',
  title: 'A runtime role may make itself a member of any tenant.',
  check: (input) => {
    const { context } = input.model
    if (context.kind !== 'membership') return []
    const { table, tenant } = context.via
    const relation = input.catalog.relations.find(
      (entry) => objectName(entry) === objectName(table),
    )
    // A trigger may refuse what no policy does.
    if (relation === undefined || relation.triggers.some(({ enabled }) => enabled !== 'disabled')) {
      return []
    }
    return input.roles.flatMap(({ name: role }): Finding[] => {
      const open = writes.filter((command) => {
        if (!input.access.columns(role, command, relation).includes(tenant)) return false
        if (!relation.rls.enabled || input.access.bypassesRls(role, relation)) return true
        const applicable = input.access.policies(role, command, relation)
        const looks = (policy: Policy): boolean =>
          mentionsTenant(policy, command, [tenant, relation.name])
        return (
          applicable.some((policy) => policy.permissive && !looks(policy)) &&
          !applicable.some((policy) => !policy.permissive && looks(policy))
        )
      })
      if (open.length === 0) return []
      return [
        makeFinding({
          rule: 'membership-writable',
          severity: 'error',
          object: objectName(relation),
          role,
          message: `${role} can ${listed(open)} rows of ${objectName(relation)} with any ${tenant}: no condition looks at it, so whoever asks becomes a member of every tenant.`,
          evidence: { commands: open, column: tenant },
          remedy: `Have memberships written by a function that checks who invites, and revoke ${listed(open)} on ${objectName(relation)} from ${role}.`,
        }),
      ]
    })
  },
}

/** The condition on new rows says something of the tenant, by its column or by the whole row. */
function mentionsTenant(
  policy: Policy,
  command: (typeof writes)[number],
  names: readonly string[],
): boolean {
  const decision = decidingExpression(policy, command, 'WITH CHECK')
  return decision === null || mentionsName(tokenize(decision[1]), new Set(names))
}
