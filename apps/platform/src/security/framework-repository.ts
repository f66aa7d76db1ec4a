import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A framework of controls that all tenants refer to. */
export interface FrameworkRow {
  readonly id: string
  readonly code: string
  readonly edition: string
  readonly title: string
  readonly publisher: string
  readonly publishedOn: string
}

/** A control of a framework. */
export interface ControlRow {
  readonly id: string
  readonly frameworkId: string
  readonly parentId: string | null
  readonly code: string
  readonly title: string
  readonly guidance: string | null
}

/** What frameworks can be listed by. */
export type FrameworkSort = 'code' | 'title' | 'publishedOn'

/** The orders of the list of frameworks. */
export const frameworkOrders: SortOrders<FrameworkSort> = sortOrders(
  {
    code: byText(sql`code`),
    title: byText(sql`title`),
    publishedOn: byTime(sql`(published_on::timestamp at time zone 'UTC')`),
  },
  'code',
)

/** A page of frameworks; one more than the limit. */
export async function listFrameworks(
  db: Queryable,
  filter: PageFilter<FrameworkSort>,
): Promise<Sorted<FrameworkRow>[]> {
  const page = pageSql(frameworkOrders, filter)
  const { rows } = await db.query<Sorted<FrameworkRow>>(
    sql`select id, code, edition, title, publisher, published_on::text as "publishedOn",
        ${page.column}
      from sec.frameworks where ${page.after} ${page.orderAndLimit}`.text,
    [...page.values],
  )
  return rows
}

/** True when there is such a framework. */
export async function isFramework(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query('select from sec.frameworks where id = $1', [id])
  return rows.length > 0
}

/** What controls of a framework can be listed by. */
export type ControlSort = 'code' | 'title'

/** The orders of the list of controls. */
export const controlOrders: SortOrders<ControlSort> = sortOrders(
  { code: byText(sql`code`), title: byText(sql`title`) },
  'code',
)

/** A page of the controls of a framework; one more than the limit. */
export async function listControls(
  db: Queryable,
  filter: PageFilter<ControlSort> & {
    readonly frameworkId: string
    /** Part of the code or the title. */
    readonly search: string | null
  },
): Promise<Sorted<ControlRow>[]> {
  const page = pageSql(controlOrders, filter)
  const { rows } = await db.query<Sorted<ControlRow>>(
    sql`select id, framework_id as "frameworkId", parent_id as "parentId", code, title, guidance,
        ${page.column}
      from sec.controls where framework_id = $4 and ${page.after}
        and ($5::text is null or strpos(lower(code || ' ' || title), lower($5)) > 0)
        ${page.orderAndLimit}`.text,
    [...page.values, filter.frameworkId, filter.search],
  )
  return rows
}
