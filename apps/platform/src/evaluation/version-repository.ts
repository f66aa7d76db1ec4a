import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { ListQuery } from './list-query.js'
import { maxPointsOf } from './version-content.js'
import type { VersionContent } from './version-content.js'
import { byEnum, byInteger, byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Where a version is on its way. */
export type VersionState = 'draft' | 'published' | 'withdrawn'

/** A row of `eval.evaluation_versions`. */
export interface VersionRow {
  readonly id: string
  readonly orgUnitId: string
  readonly evaluationId: string
  readonly version: number
  readonly state: VersionState
  readonly maxPoints: number
  readonly contentSha256: string
  readonly createdAt: Date
  readonly publishedBy: string | null
  readonly publishedAt: Date | null
}

/** A version with what it asks. */
export interface VersionDetail extends VersionRow {
  /** As stored; null for auditors. */
  readonly content: unknown
}

const summary = sql`x.id, x.org_unit_id as "orgUnitId", x.evaluation_id as "evaluationId",
  x.version, x.state, x.max_points::float8 as "maxPoints",
  encode(x.content_sha256, 'hex') as "contentSha256", x.created_at as "createdAt",
  x.published_by as "publishedBy", x.published_at as "publishedAt"`
const columns = sql`${summary}, x.content`

/** What versions can be listed by. */
export type VersionSort = 'version' | 'state' | 'createdAt' | 'publishedAt'

/** The orders of the list of versions. */
export const versionOrders: SortOrders<VersionSort> = sortOrders(
  {
    version: byInteger(sql`x.version`),
    state: byEnum(sql`x.state`, sql`eval.version_state`),
    createdAt: byTime(sql`x.created_at`),
    publishedAt: byTime(sql`x.published_at`, { nullable: true }),
  },
  '-version',
  sql`x.id`,
)

/** Versions from the newest on; drafts only on request. One more than the limit. */
export async function listVersions(
  db: Queryable,
  mode: ContextMode,
  filter: { readonly evaluationId: string; readonly withDrafts: boolean },
  page: PageFilter<VersionSort>,
): Promise<Sorted<VersionRow>[]> {
  const versions = relationFor(mode, 'eval.evaluation_versions')
  const list = new ListQuery()
  list.where('evaluation_id', filter.evaluationId)
  if (!filter.withDrafts) list.and(sql`x.state <> 'draft'`)
  const { rows, key, order } = list.page({ relation: versions, orders: versionOrders }, page)
  const text = sql`select ${summary}, ${key} from ${rows} ${order}`.text
  return (await db.query<Sorted<VersionRow>>(text, list.values)).rows
}

/** The version, if the caller may see it; a draft only on request. */
export async function findVersion(
  db: Queryable,
  mode: ContextMode,
  filter: { readonly id: string; readonly withDrafts: boolean },
): Promise<VersionDetail | undefined> {
  const versions = relationFor(mode, 'eval.evaluation_versions')
  const { rows } = await db.query<VersionDetail>(
    sql`select ${columns} from ${versions} x
      where x.id = $1 and ($2 or x.state <> 'draft')`.text,
    [filter.id, filter.withDrafts],
  )
  return rows[0]
}

const storedContent = sql`$2::jsonb, $3, sha256(convert_to($2::jsonb::text, 'UTF8'))`

/** The next version as a draft; undefined when the evaluation has a draft already. */
export async function draftVersion(
  db: Queryable,
  evaluationId: string,
  content: VersionContent,
): Promise<VersionDetail | undefined> {
  const { rows } = await db.query<VersionDetail>(
    sql`insert into eval.evaluation_versions as x
        (org_unit_id, evaluation_id, version, content, max_points, content_sha256)
      select e.org_unit_id, e.id, 1 + coalesce((select max(v.version)
          from eval.evaluation_versions v where v.evaluation_id = e.id), 0), ${storedContent}
      from eval.evaluations e where e.id = $1 and e.archived_at is null
      on conflict do nothing returning ${columns}`.text,
    [evaluationId, JSON.stringify(content), maxPointsOf(content)],
  )
  return rows[0]
}

/** Undefined when there is no such draft. */
export async function changeDraft(
  db: Queryable,
  id: string,
  content: VersionContent,
): Promise<VersionDetail | undefined> {
  const { rows } = await db.query<VersionDetail>(
    sql`update eval.evaluation_versions x set (content, max_points, content_sha256)
        = row (${storedContent})
      where x.id = $1 and x.state = 'draft' returning ${columns}`.text,
    [id, JSON.stringify(content), maxPointsOf(content)],
  )
  return rows[0]
}

/** Undefined when there is no such draft, or its evaluation is archived. */
export async function publishVersion(
  db: Queryable,
  id: string,
  userId: string,
): Promise<VersionDetail | undefined> {
  const { rows } = await db.query<VersionDetail>(
    sql`update eval.evaluation_versions x
      set state = 'published', published_by = $2, published_at = now()
      from eval.evaluations e
      where x.id = $1 and x.state = 'draft' and e.id = x.evaluation_id and e.archived_at is null
      returning ${columns}`.text,
    [id, userId],
  )
  return rows[0]
}

/** Undefined when there is no such published version. */
export async function withdrawVersion(
  db: Queryable,
  id: string,
): Promise<VersionDetail | undefined> {
  const { rows } = await db.query<VersionDetail>(
    sql`update eval.evaluation_versions x set state = 'withdrawn'
      where x.id = $1 and x.state = 'published' returning ${columns}`.text,
    [id],
  )
  return rows[0]
}
