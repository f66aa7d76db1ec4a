import type { Policy } from '../../catalog/index.js'
import { ident, joinSql, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { normaliseExpression } from '../predicates.js'

/** A policy as it should be. */
export interface PolicyShape {
  readonly name: string
  readonly permissive: boolean
  readonly command: Policy['command']
  readonly roles: readonly string[]
  readonly using: Sql | null
  readonly withCheck: Sql | null
}

type TableRef = { readonly schema: string; readonly name: string }

/** All of watertight's policies start with this; others are left alone. */
export const policyPrefix = 'watertight_'

export function policyStepId(table: TableRef, policy: string): string {
  return `policy:${qualifiedName(table.schema, table.name).text}:${policy}`
}

/** `create policy …` with every clause written out. */
export function createPolicy(table: TableRef, policy: PolicyShape): Sql {
  const roles =
    policy.roles.length === 0 ? sql`public` : joinSql(policy.roles.map((role) => ident(role)))
  const kind = policy.permissive ? sql`permissive` : sql`restrictive`
  const using = policy.using ? sql`\n  using (${policy.using})` : sql``
  const check = policy.withCheck ? sql`\n  with check (${policy.withCheck})` : sql``
  return sql`create policy ${ident(policy.name)} on ${qualifiedName(table.schema, table.name)}
  as ${kind} for ${trustedSql(policy.command.toLowerCase())} to ${roles}${using}${check}`
}

export function dropPolicy(table: TableRef, name: string): Sql {
  return sql`drop policy ${ident(name)} on ${qualifiedName(table.schema, table.name)}`
}

/** Reads the shape of an existing policy back from the catalog. */
export function policyShapeOf(policy: Policy): PolicyShape {
  return {
    name: policy.name,
    permissive: policy.permissive,
    command: policy.command,
    roles: policy.roles,
    using: policy.using === null ? null : trustedSql(policy.using),
    withCheck: policy.withCheck === null ? null : trustedSql(policy.withCheck),
  }
}

/** True when the policy in the database decides exactly as the wanted one. */
export function isSamePolicy(actual: Policy, wanted: PolicyShape): boolean {
  return (
    actual.permissive === wanted.permissive &&
    actual.command === wanted.command &&
    [...actual.roles].sort().join('\0') === [...wanted.roles].sort().join('\0') &&
    isSameExpression(actual.using, wanted.using) &&
    isSameExpression(actual.withCheck, wanted.withCheck)
  )
}

function isSameExpression(actual: string | null, wanted: Sql | null): boolean {
  if (actual === null || wanted === null) return actual === null && wanted === null
  return normaliseExpression(actual) === normaliseExpression(wanted.text)
}
