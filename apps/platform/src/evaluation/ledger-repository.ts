import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { ListQuery } from './list-query.js'
import { byInteger, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Everything that can happen to an evaluation and to what follows from it. */
export const ledgerKinds = [
  'evaluation.created',
  'evaluation.changed',
  'evaluation.archived',
  'version.drafted',
  'version.changed',
  'version.published',
  'version.withdrawn',
  'assignment.created',
  'assignment.cancelled',
  'session.started',
  'session.expired',
  'submission.received',
  'score.recorded',
  'correction.proposed',
  'correction.approved',
  'correction.rejected',
] as const

/** One of {@link ledgerKinds}. */
export type LedgerKind = (typeof ledgerKinds)[number]

/** Something that happened, as it is appended. */
export interface LedgerEntry {
  readonly kind: LedgerKind
  readonly orgUnitId: string
  /** The id of what it happened to. */
  readonly subjectId: string
  /** Ids, states and numbers. */
  readonly payload: Readonly<Record<string, unknown>>
}

/** A row of `eval.ledger_events`. */
export interface LedgerRow {
  readonly id: string
  readonly sequence: number
  readonly orgUnitId: string
  readonly kind: LedgerKind
  readonly subjectId: string
  readonly actorId: string | null
  /** Null for auditors. */
  readonly payload: Readonly<Record<string, unknown>> | null
  readonly occurredAt: Date
}

/** Which events. */
export interface LedgerFilter {
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly subjectId?: string | undefined
  readonly kind?: LedgerKind | undefined
  /** Inclusive. */
  readonly from?: string | undefined
  /** Exclusive. */
  readonly until?: string | undefined
}

// The tenant is that of the org unit: platform support has no tenant of its own.
const append = `
insert into eval.ledger_events (tenant_id, org_unit_id, kind, subject_id, actor_id, payload)
select unit.tenant_id, unit.id, entry.kind, entry.subject_id, $2, entry.payload
from rows from (jsonb_to_recordset($1::jsonb)
    as (org_unit_id uuid, kind text, subject_id uuid, payload jsonb))
  with ordinality as entry (org_unit_id, kind, subject_id, payload, position)
join core.org_units unit on unit.id = entry.org_unit_id
order by entry.position`

/**
 * Appends what happened, in the transaction in which it happened, in the order given.
 *
 * INVARIANT: the last statement of a transaction. It locks the ledger of the tenant until the commit;
 * whoever waited for another row after it could wait for one who waits for it.
 */
export async function appendToLedger(
  db: Queryable,
  actorId: string | null,
  ...entries: readonly LedgerEntry[]
): Promise<void> {
  const rows = entries.map(({ kind, orgUnitId, subjectId, payload }) => ({
    kind,
    org_unit_id: orgUnitId,
    subject_id: subjectId,
    payload,
  }))
  await db.query(append, [JSON.stringify(rows), actorId])
}

/** What events can be listed by. */
export type LedgerSort = 'sequence'

/** The orders of the list of events. */
export const ledgerOrders: SortOrders<LedgerSort> = sortOrders(
  { sequence: byInteger(sql`x.sequence`) },
  '-sequence',
  sql`x.id`,
)

/** Events from the newest on, in the tenant's own order; one more than `limit`. */
export async function listLedger(
  db: Queryable,
  mode: ContextMode,
  filter: LedgerFilter,
  page: PageFilter<LedgerSort>,
): Promise<Sorted<LedgerRow>[]> {
  const events = relationFor(mode, 'eval.ledger_events')
  const list = new ListQuery()
  list.where('org_unit_id', filter.unitId)
  list.where('subject_id', filter.subjectId)
  list.where('kind', filter.kind)
  if (filter.from !== undefined) list.and(sql`x.occurred_at >= ${list.value(filter.from)}`)
  if (filter.until !== undefined) list.and(sql`x.occurred_at < ${list.value(filter.until)}`)
  const found = list.page({ relation: events, orders: ledgerOrders }, page)
  const { rows } = await db.query<Sorted<LedgerRow>>(
    sql`select x.id, x.sequence::float8 as sequence, x.org_unit_id as "orgUnitId", x.kind,
      x.subject_id as "subjectId", x.actor_id as "actorId", x.payload,
      x.occurred_at as "occurredAt", ${found.key}
    from ${found.rows} ${found.order}`.text,
    list.values,
  )
  return rows
}
