import type { Queryable } from 'watertight/sql'

/** An export that is to be made, and what its requester may see now. */
export interface QueuedExport {
  readonly id: string
  readonly kind: string
  readonly filter: unknown
  readonly requestedBy: string
  readonly attempts: number
  readonly orgUnitId: string | null
  readonly orgScope: 'unit' | 'subtree' | null
  /** Of the requester's active membership; null without one. */
  readonly role: string | null
  /** Whether the requester still works in that place, with that scope or more. */
  readonly isOfPlace: boolean
}

// An attempt is counted before it starts: one that brings the process down is counted as well.
const take = `
with next as (
  select id from sec.exports where state = 'queued' and expires_at > now()
  order by created_at, id limit 1 for update skip locked
)
update sec.exports x set attempts = x.attempts + 1 from next where x.id = next.id
returning x.id, x.kind, x.filter, x.requested_by as "requestedBy", x.attempts,
  x.org_unit_id as "orgUnitId", x.org_scope as "orgScope",
  (select m.role::text from core.memberships m
   where m.user_id = x.requested_by and m.status = 'active') as role,
  exists (select from core.org_memberships o
    where o.user_id = x.requested_by and o.org_unit_id = x.org_unit_id
      and (o.scope = x.org_scope or o.scope = 'subtree')) as "isOfPlace"`

/** The export of the tenant that has waited longest, counted as attempted. */
export async function takeExport(db: Queryable): Promise<QueuedExport | undefined> {
  const { rows } = await db.query<QueuedExport>(take)
  return rows[0]
}

/** Holds an export for the rest of the transaction; false when another worker has it. */
export async function holdExport(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from sec.exports where id = $1 and state = 'queued' for update skip locked`,
    [id],
  )
  return rows.length === 1
}

/** What is known of the bytes of an export. */
export interface ExportResult {
  readonly reference: string
  readonly sha256: Buffer
  readonly byteCount: number
  readonly rowCount: number
}

/** Makes an export ready. */
export async function finishExport(
  db: Queryable,
  id: string,
  { reference, sha256, byteCount, rowCount }: ExportResult,
): Promise<void> {
  await db.query(
    `update sec.exports set state = 'ready', storage_reference = $2, sha256 = $3, byte_count = $4,
       row_count = $5, finished_at = now(), error = null
     where id = $1`,
    [id, reference, sha256, byteCount, rowCount],
  )
}

/** Gives an export up; the reason is shown to the tenant. */
export async function failExport(db: Queryable, id: string, reason: string): Promise<void> {
  await db.query(
    `update sec.exports set state = 'failed', error = $2, finished_at = now()
     where id = $1 and state = 'queued'`,
    [id, reason],
  )
}

/** Exports whose time is over, locked; those that were never made have no reference. */
export async function lockExpired(
  db: Queryable,
  limit: number,
): Promise<{ readonly id: string; readonly reference: string | null }[]> {
  const { rows } = await db.query<{ id: string; reference: string | null }>(
    `select id, storage_reference as reference from sec.exports
     where state in ('ready', 'queued') and expires_at <= now()
     order by expires_at limit $1 for update skip locked`,
    [limit],
  )
  return rows
}

/** Ends exports; what was stored has to be gone by then. */
export async function markExpired(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(
    `update sec.exports set state = 'expired', storage_reference = null where id = any ($1::uuid[])`,
    [ids],
  )
}
