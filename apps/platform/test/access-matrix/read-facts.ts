import type { Queryable } from 'watertight/sql'
import type { MatrixFacts } from './expectation.js'

/** Reads what the expectations rest on, as the superuser. */
export async function readFacts(admin: Queryable): Promise<MatrixFacts> {
  const units = await admin.query<{ id: string; tenant: string; parent: string | null }>(
    'select id::text, tenant_id::text as tenant, parent_id::text as parent from core.org_units',
  )
  const members = await admin.query<{ user: string; tenant: string }>(
    'select user_id::text as "user", tenant_id::text as tenant from core.memberships',
  )
  const tenantsOfUser = new Map<string, Set<string>>()
  for (const { user, tenant } of members.rows) {
    tenantsOfUser.set(user, (tenantsOfUser.get(user) ?? new Set()).add(tenant))
  }
  return {
    orgUnits: new Map(units.rows.map(({ id, tenant, parent }) => [id, { tenant, parent }])),
    tenantsOfUser,
  }
}
