import { qualifiedName, sql } from '../../sql/index.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** The id of the step that turns row level security on; grants to runtime roles require it. */
export function rowSecurityStepId(table: { schema: string; name: string }): string {
  return `row-security:${displayName(table)}`
}

/** ENABLE and FORCE on every declared table and partition (manual, section 5.9). */
export function planRowSecurity({ tables }: Planning): readonly Step[] {
  return tables
    .filter(({ relation }) => !relation.rls.enabled || !relation.rls.forced)
    .map(({ relation }) => {
      const name = qualifiedName(relation.schema, relation.name)
      const { enabled, forced } = relation.rls
      const object = displayName(relation)
      return makeStep({
        id: rowSecurityStepId(relation),
        object,
        summary: `enable and force row level security on ${object}`,
        up: [
          ...(enabled ? [] : [sql`alter table ${name} enable row level security`]),
          ...(forced ? [] : [sql`alter table ${name} force row level security`]),
        ],
        down: [
          ...(forced ? [] : [sql`alter table ${name} no force row level security`]),
          ...(enabled ? [] : [sql`alter table ${name} disable row level security`]),
        ],
        hazards: [
          {
            kind: 'NARROWS_ACCESS',
            object,
            detail:
              'statements without a tenant context read no rows; ACCESS EXCLUSIVE lock, brief',
          },
        ],
        downHazards: [
          {
            kind: 'DISABLES_RLS',
            object,
            detail: 'every role with a grant reads all tenants again',
          },
        ],
      })
    })
}
