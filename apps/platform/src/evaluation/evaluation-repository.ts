import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { ListQuery } from './list-query.js'
import { byEnum, byText, byTime, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What an evaluation is for. */
export type EvaluationKind = 'exam' | 'survey' | 'assessment'

/** A row of `eval.evaluations`. */
export interface EvaluationRow {
  readonly id: string
  readonly orgUnitId: string
  readonly slug: string
  readonly title: string
  readonly kind: EvaluationKind
  readonly passRatio: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly archivedAt: Date | null
}

/** What may change of an evaluation. */
export interface EvaluationChange {
  readonly title?: string | undefined
  readonly passRatio?: number | undefined
}

/** Which evaluations. */
export interface EvaluationFilter {
  /** See `unitOf`. */
  readonly unitId: string | null
  readonly orgUnitId?: string | undefined
  readonly kind?: EvaluationKind | undefined
  readonly archived: boolean
  /** Part of the title. */
  readonly search?: string | undefined
}

/** A new evaluation. */
export interface NewEvaluation extends Pick<
  EvaluationRow,
  'orgUnitId' | 'slug' | 'title' | 'kind' | 'passRatio' | 'createdBy'
> {}

const columns = sql`x.id, x.org_unit_id as "orgUnitId", x.slug, x.title, x.kind,
  x.pass_ratio::float8 as "passRatio", x.created_by as "createdBy", x.created_at as "createdAt",
  x.updated_at as "updatedAt", x.archived_at as "archivedAt"`

/** What evaluations can be listed by. */
export type EvaluationSort = 'title' | 'kind' | 'createdAt' | 'archivedAt'

/** The orders of the list of evaluations. */
export const evaluationOrders: SortOrders<EvaluationSort> = sortOrders(
  {
    title: byText(sql`x.title`),
    kind: byEnum(sql`x.kind`, sql`eval.evaluation_kind`),
    createdAt: byTime(sql`x.created_at`),
    archivedAt: byTime(sql`x.archived_at`, { nullable: true }),
  },
  '-createdAt',
  sql`x.id`,
)

/** Evaluations from the newest on; one more than the limit. */
export async function listEvaluations(
  db: Queryable,
  filter: EvaluationFilter,
  page: PageFilter<EvaluationSort>,
): Promise<Sorted<EvaluationRow>[]> {
  const list = new ListQuery()
  list.where('org_unit_id', filter.unitId)
  list.where('org_unit_id', filter.orgUnitId)
  list.where('kind', filter.kind)
  list.and(filter.archived ? sql`x.archived_at is not null` : sql`x.archived_at is null`)
  if (filter.search !== undefined) {
    list.and(sql`strpos(lower(x.title), lower(${list.value(filter.search)}::text)) > 0`)
  }
  const { rows, key, order } = list.page(
    { relation: sql`eval.evaluations`, orders: evaluationOrders },
    page,
  )
  const text = sql`select ${columns}, ${key} from ${rows} ${order}`.text
  return (await db.query<Sorted<EvaluationRow>>(text, list.values)).rows
}

/** The evaluation, if the caller may see it. */
export async function findEvaluation(
  db: Queryable,
  id: string,
): Promise<EvaluationRow | undefined> {
  const text = sql`select ${columns} from eval.evaluations x where x.id = $1`.text
  return (await db.query<EvaluationRow>(text, [id])).rows[0]
}

/** Undefined when a live evaluation of the org unit has the slug already. */
export async function createEvaluation(
  db: Queryable,
  { orgUnitId, slug, title, kind, passRatio, createdBy }: NewEvaluation,
): Promise<EvaluationRow | undefined> {
  const { rows } = await db.query<EvaluationRow>(
    sql`insert into eval.evaluations as x (org_unit_id, slug, title, kind, pass_ratio, created_by)
      values ($1, $2, $3, $4, $5, $6)
      on conflict (tenant_id, org_unit_id, slug) where archived_at is null do nothing
      returning ${columns}`.text,
    [orgUnitId, slug, title, kind, passRatio, createdBy],
  )
  return rows[0]
}

/** Undefined when there is no such evaluation, or it is archived. */
export async function changeEvaluation(
  db: Queryable,
  id: string,
  { title, passRatio }: EvaluationChange,
): Promise<EvaluationRow | undefined> {
  const { rows } = await db.query<EvaluationRow>(
    sql`update eval.evaluations x set title = coalesce($2, title),
        pass_ratio = coalesce($3::numeric, pass_ratio), updated_at = now()
      where x.id = $1 and x.archived_at is null returning ${columns}`.text,
    [id, title ?? null, passRatio ?? null],
  )
  return rows[0]
}

/** Undefined when there is no such evaluation, or it is archived already. */
export async function archiveEvaluation(
  db: Queryable,
  id: string,
): Promise<EvaluationRow | undefined> {
  const { rows } = await db.query<EvaluationRow>(
    sql`update eval.evaluations x set archived_at = now(), updated_at = now()
      where x.id = $1 and x.archived_at is null returning ${columns}`.text,
    [id],
  )
  return rows[0]
}
