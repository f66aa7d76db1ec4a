import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byInteger, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A version of the text that a tenant uses in place of a default. */
export interface TemplateRow {
  readonly id: string
  readonly systemTemplateId: string
  readonly subject: string | null
  readonly body: string
  readonly version: number
  readonly updatedBy: string | null
  readonly updatedAt: Date
  readonly archivedAt: Date | null
}

/** Which versions. */
export interface TemplateFilter extends PageFilter<TemplateSort> {
  readonly systemTemplateId: string | null
  /** Null: also those that a newer one has taken the place of. */
  readonly archived: boolean | null
}

/** The text of a new version. */
export interface NewTemplate {
  readonly systemTemplateId: string
  readonly subject: string | null
  readonly body: string
}

const updatedAt = sql`updated_at`
const columns = sql`id, system_template_id as "systemTemplateId", subject, body, version,
  updated_by as "updatedBy", ${updatedAt} as "updatedAt", archived_at as "archivedAt"`

/** What versions of texts can be listed by. */
export type TemplateSort = 'version' | 'updatedAt'

/** The orders of the list of versions of texts. */
export const templateOrders: SortOrders<TemplateSort> = sortOrders(
  { version: byInteger(sql`version`), updatedAt: byTime(sql`updated_at`) },
  '-updatedAt',
)

/** Versions of the tenant's own texts, newest first. */
export async function listTemplates(
  db: Queryable,
  filter: TemplateFilter,
): Promise<Sorted<TemplateRow>[]> {
  const page = pageSql(templateOrders, filter)
  const { rows } = await db.query<Sorted<TemplateRow>>(
    sql`select ${columns}, ${page.column} from notify.templates
     where ${page.after} and ($4::uuid is null or system_template_id = $4)
       and ($5::boolean is null or $5 = (archived_at is not null))
     ${page.orderAndLimit}`.text,
    [...page.values, filter.systemTemplateId, filter.archived],
  )
  return rows
}

/** One version of a text of the tenant. */
export async function findTemplate(db: Queryable, id: string): Promise<TemplateRow | undefined> {
  const { rows } = await db.query<TemplateRow>(
    sql`select ${columns} from notify.templates where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** Ends the live version of the tenant's text; false when the default was in use. */
export async function archiveTemplate(db: Queryable, systemTemplateId: string): Promise<boolean> {
  // Whoever writes a version at the same time goes first or waits; the UPDATE then sees it.
  await db.query(
    'select from notify.templates where system_template_id = $1 order by version for update',
    [systemTemplateId],
  )
  const { rowCount } = await db.query(
    `update notify.templates set archived_at = now()
     where system_template_id = $1 and archived_at is null`,
    [systemTemplateId],
  )
  return rowCount === 1
}

/**
 * Adds the next version as the live one, once the one before is archived; undefined when somebody
 * else has added the first one meanwhile.
 */
export async function insertTemplate(
  db: Queryable,
  { systemTemplateId, subject, body }: NewTemplate,
  userId: string,
): Promise<TemplateRow | undefined> {
  const { rows } = await db.query<TemplateRow>(
    sql`insert into notify.templates (system_template_id, subject, body, version, updated_by)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4::uuid
     from notify.templates where system_template_id = $1
     on conflict (system_template_id, tenant_id) where archived_at is null do nothing
     returning ${columns}`.text,
    [systemTemplateId, subject, body, userId],
  )
  return rows[0]
}
