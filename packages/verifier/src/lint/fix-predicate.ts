import type { Relation } from 'watertight/catalog'
import type { Sql } from 'watertight/sql'
import type { ClassifiedTable } from '../graph/classify.js'
import { membershipSources } from '../graph/membership-sources.js'
import { objectName } from '../graph/object-name.js'
import { tenantPredicate } from '../graph/tenant-predicate.js'
import type { LintInput } from './rule.js'

/**
 * The condition that a row is the current tenant's, where a policy with it works for the roles; null
 * where the model does not say enough, or they could not read what the condition asks.
 */
export function fixPredicate(
  input: LintInput,
  table: ClassifiedTable,
  roles: readonly string[],
): Sql | null {
  const asked = askedBy(input, table)
  const isReadable = roles.every((role) =>
    asked.every(({ relation, columns }) => {
      const readable = input.access.columns(role, 'SELECT', relation)
      return columns.every((column) => readable.includes(column)) && sees(input, role, relation)
    }),
  )
  // A policy that reads its own table asks itself without end (manual, section 5.9).
  const isOwn = asked.some(({ relation }) => relation === table.relation)
  return isReadable && !isOwn ? tenantPredicate(input.model, table) : null
}

/** A policy lets the role see rows of the relation, or none binds it. */
export function sees(input: LintInput, role: string, relation: Relation): boolean {
  return (
    !relation.rls.enabled ||
    input.access.bypassesRls(role, relation) ||
    input.access.policies(role, 'SELECT', relation).some((policy) => policy.permissive)
  )
}

interface Asked {
  readonly relation: Relation
  readonly columns: readonly string[]
}

/** Other tables that the condition reads. */
function askedBy(
  input: LintInput,
  { through, scope, relation: own }: ClassifiedTable,
): readonly Asked[] {
  const { context } = input.model
  if (scope === 'self') return []
  if (through !== null) return [{ relation: through.parent, columns: through.parentColumns }]
  if (context.kind !== 'membership') return []
  const { table } = context.via
  return membershipSources(input.model, input.catalog)
    .filter(({ relation }) => relation !== own || objectName(relation) === objectName(table))
    .map(({ relation, user, tenant, where }) => ({
      relation,
      columns: where === null ? [user, tenant] : relation.columns.map(({ name }) => name),
    }))
}
