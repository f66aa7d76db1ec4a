import { ident, qualifiedName, sql } from 'watertight/sql'
import type { LintInput } from '../lint/rule.js'
import type { ProbeSession } from './session.js'

/** Ids of the tenant's org units, for contexts that carry the resolved set themselves. */
export async function readOrgUnits(
  input: LintInput,
  session: ProbeSession,
  tenant: string,
): Promise<readonly string[]> {
  const { context, orgUnits } = input.model
  if (context.kind !== 'guc' || context.orgUnits === null || orgUnits?.table == null) return []
  const { table } = orgUnits
  const read = await session.attempt(() =>
    session.admin(
      sql`select ${ident(orgUnits.idColumn)}::text as id from ${qualifiedName(table.schema, table.name)} where ${ident(orgUnits.tenantColumn)}::text = $1 limit 1000`,
      [tenant],
    ),
  )
  return read.ok ? (read.rows as { id: string }[]).map((row) => row.id) : []
}
