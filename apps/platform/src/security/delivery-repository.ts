import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Where a delivery stands. */
export type DeliveryState = 'queued' | 'delivered' | 'retrying' | 'dead_letter'

/** A delivery as the API shows it; null in what an auditor may not read. */
export interface DeliveryRow {
  readonly id: string
  readonly destinationId: string
  /** Also of a destination that was deleted since. */
  readonly destinationName: string | null
  readonly alertId: string | null
  readonly eventType: string
  readonly state: DeliveryState
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

/** A delivery with what it carries. */
export interface DeliveryDetail extends DeliveryRow {
  readonly payload: Record<string, unknown> | null
}

/** One attempt; null in what an auditor may not read. */
export interface AttemptRow {
  readonly attempt: number
  readonly startedAt: Date
  readonly durationMs: number
  readonly responseStatus: number | null
  readonly responseExcerpt: string | null
  readonly errorClass: string | null
  readonly error: string | null
}

/** Which deliveries. */
export interface DeliveryFilter extends PageFilter<DeliverySort> {
  readonly state: DeliveryState | null
  readonly destinationId: string | null
  readonly eventType: string | null
}

function columnsFor(mode: ContextMode): Sql {
  return sql`id, destination_id as "destinationId",
    (select t.name from ${relationFor(mode, 'sec.integration_destinations')} t
     where t.id = delivery.destination_id) as "destinationName",
    alert_id as "alertId", event_type as "eventType", state, attempts,
    next_attempt_at as "nextAttemptAt", created_at as "createdAt", finished_at as "finishedAt"`
}

/** What deliveries can be listed by. */
export type DeliverySort =
  'eventType' | 'state' | 'attempts' | 'nextAttemptAt' | 'createdAt' | 'finishedAt'

/** The orders of the list of deliveries. */
export const deliveryOrders: SortOrders<DeliverySort> = sortOrders(
  {
    eventType: byText(sql`event_type`),
    state: byEnum(sql`state`, sql`sec.delivery_state`),
    attempts: byInteger(sql`attempts`),
    nextAttemptAt: byTime(sql`next_attempt_at`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
    finishedAt: byTime(sql`finished_at`, { nullable: true }),
  },
  '-createdAt',
)

/** Deliveries from the newest on. */
export async function listDeliveries(
  db: Queryable,
  mode: ContextMode,
  filter: DeliveryFilter,
): Promise<Sorted<DeliveryRow>[]> {
  const relation = relationFor(mode, 'sec.deliveries')
  const page = pageSql(deliveryOrders, filter)
  const { rows } = await db.query<Sorted<DeliveryRow>>(
    sql`select ${columnsFor(mode)}, ${page.column} from ${relation} delivery
     where ${page.after}
       and ($4::sec.delivery_state is null or state = $4)
       and ($5::uuid is null or destination_id = $5)
       and ($6::text is null or event_type = $6)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.state, filter.destinationId, filter.eventType],
  )
  return rows
}

/** The delivery with its payload. */
export async function findDelivery(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<DeliveryDetail | undefined> {
  const { rows } = await db.query<DeliveryDetail>(
    sql`select ${columnsFor(mode)}, payload from ${relationFor(mode, 'sec.deliveries')} delivery
     where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** Attempts of a delivery that come after `after`, first to last; one more than the limit. */
export async function listAttempts(
  db: Queryable,
  mode: ContextMode,
  deliveryId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow>(
    sql`select attempt, started_at as "startedAt", duration_ms as "durationMs",
       response_status as "responseStatus", response_excerpt as "responseExcerpt",
       error_class as "errorClass", error
     from ${relationFor(mode, 'sec.delivery_attempts')}
     where delivery_id = $1 and attempt > $2 order by attempt limit $3`.text,
    [deliveryId, after, limit + 1],
  )
  return rows
}

/** True when the destination of the delivery still takes deliveries. */
export async function isDestinationLive(db: Queryable, deliveryId: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from sec.deliveries d join sec.integration_destinations t on t.id = d.destination_id
     where d.id = $1 and t.is_enabled and t.deleted_at is null`,
    [deliveryId],
  )
  return rows.length > 0
}
