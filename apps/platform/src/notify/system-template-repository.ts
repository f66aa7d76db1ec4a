import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { KeyCursor } from '../database/key-cursor.js'

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

const listed = sql`select ${columns} from notify.system_templates
where ($1::text is null or (key collate "C", id) > ($1, $2::uuid))
  and ($4::notify.channel is null or channel = $4) and ($5::text is null or locale = $5)
order by key collate "C", id limit $3`

const one = sql`select ${columns} from notify.system_templates where id = $1`

/** Which default texts. */
export interface SystemTemplateFilter {
  readonly channel: Channel | null
  readonly locale: string | null
  readonly after: KeyCursor | null
  readonly limit: number
}

/** Default texts in the order of their keys; one more than the limit. */
export async function listSystemTemplates(
  db: Queryable,
  { channel, locale, after, limit }: SystemTemplateFilter,
): Promise<SystemTemplateRow[]> {
  const page = [after?.key ?? null, after?.id ?? null, limit + 1]
  const { rows } = await db.query<SystemTemplateRow>(listed.text, [...page, channel, locale])
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
