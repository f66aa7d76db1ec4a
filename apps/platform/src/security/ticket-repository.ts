import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Where the work stands; a closed ticket stays closed. */
export type TicketState = 'open' | 'in_progress' | 'closed'

/** A ticket as the API shows it; null in what an auditor may not read. */
export interface TicketRow {
  readonly id: string
  readonly orgUnitId: string
  readonly alertId: string
  readonly title: string
  readonly state: TicketState
  readonly externalReference: string | null
  readonly openedBy: string
  readonly openedAt: Date
  readonly closedAt: Date | null
}

/** Which tickets. */
export interface TicketFilter extends PageFilter<TicketSort> {
  readonly state: TicketState | null
  readonly alertId: string | null
}

/** What is to change; what is absent stays. */
export interface TicketChange {
  readonly state?: TicketState | undefined
  readonly externalReference?: string | null | undefined
}

const columns = sql`id, org_unit_id as "orgUnitId", alert_id as "alertId", title, state,
  external_reference as "externalReference", opened_by as "openedBy",
  opened_at as "openedAt", closed_at as "closedAt"`

/** What tickets can be listed by. */
export type TicketSort = 'title' | 'state' | 'externalReference' | 'openedAt' | 'closedAt'

/** The orders of the list of tickets. */
export const ticketOrders: SortOrders<TicketSort> = sortOrders(
  {
    title: byText(sql`title`),
    state: byEnum(sql`state`, sql`sec.ticket_state`),
    externalReference: byText(sql`external_reference`, { nullable: true }),
    openedAt: byTime(sql`opened_at`),
    closedAt: byTime(sql`closed_at`, { nullable: true }),
  },
  '-openedAt',
)

/** Tickets from the last opened on. */
export async function listTickets(
  db: Queryable,
  mode: ContextMode,
  filter: TicketFilter,
): Promise<Sorted<TicketRow>[]> {
  const relation = relationFor(mode, 'sec.tickets')
  const page = pageSql(ticketOrders, filter)
  const { rows } = await db.query<Sorted<TicketRow>>(
    sql`select ${columns}, ${page.column} from ${relation}
     where ${page.after}
       and ($4::sec.ticket_state is null or state = $4)
       and ($5::uuid is null or alert_id = $5)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.state, filter.alertId],
  )
  return rows
}

/** The ticket, if the caller may see it. */
export async function findTicket(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<TicketRow | undefined> {
  const { rows } = await db.query<TicketRow>(
    sql`select ${columns} from ${relationFor(mode, 'sec.tickets')} where id = $1`.text,
    [id],
  )
  return rows[0]
}

/**
 * Opens a ticket for an unresolved alert; undefined when there is no such one, or when it has a
 * live ticket already. Of two at the same time the unique index lets one through, and the other
 * waits for it.
 */
export async function openTicket(
  db: Queryable,
  alertId: string,
  userId: string,
  title: string | null,
): Promise<TicketRow | undefined> {
  const { rows } = await db.query<TicketRow>(
    sql`insert into sec.tickets (org_unit_id, alert_id, title, opened_by)
     select a.org_unit_id, a.id, coalesce($2, a.title), $3::uuid
     from sec.alerts a where a.id = $1 and a.status <> 'resolved'
     on conflict (tenant_id, alert_id) where state <> 'closed' do nothing
     returning ${columns}`.text,
    [alertId, title, userId],
  )
  return rows[0]
}

/** The ticket of an alert that is not closed. */
export async function findLiveTicket(
  db: Queryable,
  alertId: string,
): Promise<TicketRow | undefined> {
  const { rows } = await db.query<TicketRow>(
    sql`select ${columns} from sec.tickets where alert_id = $1 and state <> 'closed'`.text,
    [alertId],
  )
  return rows[0]
}

/** Changes a ticket that is not closed; undefined when there is no such one. */
export async function changeTicket(
  db: Queryable,
  id: string,
  { state, externalReference }: TicketChange,
): Promise<TicketRow | undefined> {
  const { rows } = await db.query<TicketRow>(
    sql`update sec.tickets
     set state = coalesce($2::sec.ticket_state, state),
       closed_at = case when $2::sec.ticket_state = 'closed' then now() end,
       external_reference = case when $3 then $4 else external_reference end
     where id = $1 and state <> 'closed' returning ${columns}`.text,
    [id, state ?? null, externalReference !== undefined, externalReference ?? null],
  )
  return rows[0]
}
