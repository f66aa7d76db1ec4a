import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Ways to reach somebody. */
export type Channel = 'email' | 'sms' | 'push' | 'in_app'

/** A default text of the platform. */
export interface SystemTemplateRow {
  readonly id: string
  readonly key: string
  readonly channel: Channel
  readonly locale: string
  readonly subject: string | null
  readonly body: string
  readonly variables: string[]
  readonly updatedAt: Date
}

const columns = sql`id, key, channel, locale, subject, body, variables,
  updated_at as "updatedAt"`

const one = sql`select ${columns} from notify.system_templates where id = $1`

/** What default texts can be listed by. */
export type SystemTemplateSort = 'key' | 'channel' | 'locale' | 'updatedAt'

/** The orders of the list of default texts. */
export const systemTemplateOrders: SortOrders<SystemTemplateSort> = sortOrders(
  {
    key: byText(sql`key`),
    channel: byEnum(sql`channel`, sql`notify.channel`),
    locale: byText(sql`locale`),
    updatedAt: byTime(sql`updated_at`),
  },
  'key',
)

/** Which default texts. */
export interface SystemTemplateFilter extends PageFilter<SystemTemplateSort> {
  readonly channel: Channel | null
  readonly locale: string | null
}

/** A page of default texts; one more than the limit. */
export async function listSystemTemplates(
  db: Queryable,
  filter: SystemTemplateFilter,
): Promise<Sorted<SystemTemplateRow>[]> {
  const page = pageSql(systemTemplateOrders, filter)
  const { rows } = await db.query<Sorted<SystemTemplateRow>>(
    sql`select ${columns}, ${page.column} from notify.system_templates
      where ${page.after} and ($4::notify.channel is null or channel = $4)
        and ($5::text is null or locale = $5) ${page.orderAndLimit}`.text,
    [...page.values, filter.channel, filter.locale],
  )
  return rows
}

/** The default text. */
export async function findSystemTemplate(
  db: Queryable,
  id: string,
): Promise<SystemTemplateRow | undefined> {
  const { rows } = await db.query<SystemTemplateRow>(one.text, [id])
  return rows[0]
}
