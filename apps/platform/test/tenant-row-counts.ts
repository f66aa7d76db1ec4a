import type pg from 'pg'

/** Rows of one tenant in each table. */
export type RowCounts = Readonly<Record<string, number>>

/** Counts what is there of a tenant, as the superuser sees it. */
export async function tenantRowCounts(admin: pg.Client, tenantId: string): Promise<RowCounts> {
  const { rows } = await admin.query<{ counts: RowCounts }>(
    'select ops.tenant_row_counts($1) as counts',
    [tenantId],
  )
  return rows[0]?.counts ?? {}
}

/** How many rows that is in all. */
export const total = (counts: RowCounts): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
