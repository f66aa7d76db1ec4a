import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What became of an erasure. */
export type ErasureStatus = 'pending' | 'approved' | 'rejected' | 'halted' | 'erased'

/** An erasure as platform staff see it; it outlives the tenant that it is about. */
export interface ErasureRow {
  readonly id: string
  readonly subject_id: string
  readonly subject_name: string
  readonly subject_slug: string
  readonly reason: string
  readonly export_taken: boolean
  readonly requested_by: string
  readonly requested_at: Date
  readonly status: ErasureStatus
  readonly decided_by: string | null
  readonly decided_at: Date | null
  readonly decision_note: string | null
  readonly due_at: Date | null
  readonly attempts: number
  readonly failure: string | null
  readonly finished_at: Date | null
  /** JSON; null until it is done. */
  readonly proof: string | null
  readonly proof_sha256: Buffer | null
}

/** What erasures can be listed by. */
export type ErasureSort = 'requestedAt' | 'subjectName'

/** The orders of the list of erasures; its function has the same. */
export const erasureOrders: SortOrders<ErasureSort> = sortOrders(
  { requestedAt: byTime(sql`requested_at`), subjectName: byText(sql`subject_name`) },
  '-requestedAt',
)

/** A page of the erasures of every tenant; one more than the limit. As platform staff. */
export async function listErasures(
  db: Queryable,
  filter: PageFilter<ErasureSort> & { readonly status: ErasureStatus | null },
): Promise<Sorted<ErasureRow>[]> {
  const { column, order, values } = pageSql(erasureOrders, filter)
  const { rows } = await db.query<Sorted<ErasureRow>>(
    sql`select *, ${column} from core.erasures_for_platform(
      $4::core.erasure_status, null, $5, $1, $2::uuid, $3) ${order}`.text,
    [...values, filter.status, filter.sort],
  )
  return rows
}

/** One erasure. As platform staff. */
export async function findErasure(db: Queryable, id: string): Promise<ErasureRow | undefined> {
  const { rows } = await db.query<ErasureRow>(
    'select * from core.erasures_for_platform(null, $1)',
    [id],
  )
  return rows[0]
}

/** What stays of an erasure beside its last decision. */
export interface ErasureRecord {
  /** Who approved it, also when it was stopped since. */
  readonly approved_by: string | null
  readonly approved_at: Date | null
  readonly approval_note: string | null
  /** When the files of the erased tenant were gone; null until then. */
  readonly files_removed_at: Date | null
}

/** Who approved an erasure, whatever became of it. As platform staff. */
export async function findErasureRecord(
  db: Queryable,
  id: string,
): Promise<ErasureRecord | undefined> {
  const { rows } = await db.query<ErasureRecord>('select * from core.erasure_record($1)', [id])
  return rows[0]
}

/** What came of asking for an erasure. */
export type RequestOutcome =
  'requested' | 'unknown' | 'not_archived' | 'held' | 'name_differs' | 'open'

/** Asks that an archived tenant be erased. As platform staff. */
export async function requestErasure(
  db: Queryable,
  wanted: {
    readonly tenantId: string
    readonly confirm: string
    readonly reason: string
    readonly exportTaken: boolean
  },
): Promise<{ readonly outcome: RequestOutcome; readonly erasureId: string | null }> {
  const { rows } = await db.query<{ outcome: RequestOutcome; erasure_id: string | null }>(
    'select outcome, erasure_id from core.request_erasure($1, $2, $3, $4)',
    [wanted.tenantId, wanted.confirm, wanted.reason, wanted.exportTaken],
  )
  const [row] = rows
  return { outcome: row?.outcome ?? 'unknown', erasureId: row?.erasure_id ?? null }
}

/** What came of deciding on an erasure. */
export type DecisionOutcome = 'decided' | 'unknown' | 'not_open' | 'own' | 'held' | 'name_differs'

/** Approves or stops an erasure. As platform staff. */
export async function decideErasure(
  db: Queryable,
  id: string,
  decision: {
    readonly isApproved: boolean
    readonly confirm: string | null
    readonly note: string | null
  },
): Promise<DecisionOutcome> {
  const { rows } = await db.query<{ outcome: DecisionOutcome }>(
    'select outcome from core.decide_erasure($1, $2, $3, $4)',
    [id, decision.isApproved, decision.confirm, decision.note],
  )
  return rows[0]?.outcome ?? 'unknown'
}
