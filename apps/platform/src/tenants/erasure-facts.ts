import type { Queryable } from 'watertight/sql'
import type { TenantFacts } from 'watertight/tenants'

/** What erasing a tenant of the platform asks for: its name to type, and why it may not go. */
export async function erasureFacts(db: Queryable, tenantId: string): Promise<TenantFacts | null> {
  const { rows } = await db.query<{ name: string; hold: string | null }>(
    `select t.name, h.reason as hold from core.tenants t
     left join core.legal_holds h on h.tenant_id = t.id and h.released_at is null
     where t.id = $1`,
    [tenantId],
  )
  const [row] = rows
  return row ? { name: row.name, legalHold: row.hold } : null
}
