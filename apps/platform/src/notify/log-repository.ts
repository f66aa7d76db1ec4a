import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { shownBody } from '../mail/shown-body.js'
import type { Channel } from './system-template-repository.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What became of a message. */
export type NotificationStatus = 'queued' | 'sent' | 'bounced' | 'suppressed'

/** A message as the log shows it; null in what an auditor may not read. */
export interface NotificationRow {
  readonly id: string
  readonly templateId: string | null
  readonly systemTemplateId: string | null
  readonly recipientId: string | null
  readonly recipientAddress: string | null
  readonly channel: Channel
  readonly status: NotificationStatus
  readonly subject: string | null
  readonly error: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

/** A message with its text. */
export interface NotificationDetail extends NotificationRow {
  readonly body: string | null
}

/** Which messages. */
export interface NotificationFilter extends PageFilter<NotificationSort> {
  readonly status: NotificationStatus | null
  readonly channel: Channel | null
  readonly recipientId: string | null
}

const columns = sql`id, template_id as "templateId", system_template_id as "systemTemplateId",
  recipient_id as "recipientId", recipient_address as "recipientAddress", channel, status, subject,
  error, created_at as "createdAt", sent_at as "sentAt"`

/** What messages can be listed by. */
export type NotificationSort = 'status' | 'channel' | 'recipientAddress' | 'createdAt' | 'sentAt'

/** The orders of the list of messages. */
export const notificationOrders: SortOrders<NotificationSort> = sortOrders(
  {
    status: byEnum(sql`status`, sql`notify.delivery_status`),
    channel: byEnum(sql`channel`, sql`notify.channel`),
    recipientAddress: byText(sql`recipient_address`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
    sentAt: byTime(sql`sent_at`, { nullable: true }),
  },
  '-createdAt',
)

/** Messages from the newest on. */
export async function listNotifications(
  db: Queryable,
  mode: ContextMode,
  filter: NotificationFilter,
): Promise<Sorted<NotificationRow>[]> {
  const relation = relationFor(mode, 'notify.notification_logs')
  const page = pageSql(notificationOrders, filter)
  const { rows } = await db.query<Sorted<NotificationRow>>(
    sql`select ${columns}, ${page.column} from ${relation}
     where ${page.after}
       and ($4::notify.delivery_status is null or status = $4)
       and ($5::notify.channel is null or channel = $5)
       and ($6::uuid is null or recipient_id = $6)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.status, filter.channel, filter.recipientId],
  )
  return rows
}

/** The message with its text. */
export async function findNotification(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<NotificationDetail | undefined> {
  const { rows } = await db.query<NotificationDetail>(
    sql`select ${columns}, ${shownBody} as body
     from ${relationFor(mode, 'notify.notification_logs')}
     where id = $1`.text,
    [id],
  )
  return rows[0]
}
