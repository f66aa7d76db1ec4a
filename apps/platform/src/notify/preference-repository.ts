import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { Channel } from './system-template-repository.js'

/** Hours of the day, from 0 to 24, in which nothing is sent: `from` is among them, `until` not. */
export interface QuietHours {
  readonly from: number
  readonly until: number
}

/** What somebody wants to be told, and how. */
export interface PreferenceRow {
  readonly topic: string
  readonly channel: Channel
  readonly isEnabled: boolean
  readonly quietHours: QuietHours | null
  readonly updatedAt: Date
}

const columns = sql`topic, channel, is_enabled as "isEnabled",
  case when quiet_hours is not null and not isempty(quiet_hours)
    then jsonb_build_object('from', lower(quiet_hours), 'until', upper(quiet_hours))
  end as "quietHours", updated_at as "updatedAt"`

/** Most preferences that one person has in a tenant. */
export const maxPreferences = 200

/** The preferences of the user of the context in their tenant. */
export async function listPreferences(db: Queryable, userId: string): Promise<PreferenceRow[]> {
  const { rows } = await db.query<PreferenceRow>(
    sql`select ${columns} from notify.preferences
     where user_id = $1 order by topic collate "C", channel limit $2`.text,
    [userId, maxPreferences],
  )
  return rows
}

/** Sets a preference. */
export async function putPreference(
  db: Queryable,
  userId: string,
  { topic, channel, isEnabled, quietHours }: Omit<PreferenceRow, 'updatedAt'>,
): Promise<PreferenceRow | undefined> {
  const { rows } = await db.query<PreferenceRow>(
    sql`insert into notify.preferences
       (user_id, topic, channel, is_enabled, quiet_hours, updated_at)
     values ($1, $2, $3, $4, case when $5::integer is not null then int4range($5, $6) end, now())
     on conflict (user_id, tenant_id, topic, channel) do update
       set is_enabled = excluded.is_enabled, quiet_hours = excluded.quiet_hours, updated_at = now()
     returning ${columns}`.text,
    [userId, topic, channel, isEnabled, quietHours?.from ?? null, quietHours?.until ?? null],
  )
  return rows[0]
}

/** Goes back to what is told to everybody; false when nothing was set. */
export async function deletePreference(
  db: Queryable,
  userId: string,
  topic: string,
  channel: Channel,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from notify.preferences where user_id = $1 and topic = $2 and channel = $3',
    [userId, topic, channel],
  )
  return rowCount === 1
}
