import type { ContextMode, OrgScope } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Where an export stands. */
export type ExportState = 'queued' | 'ready' | 'failed' | 'expired'

/** An export as the API shows it. */
export interface ExportRow {
  readonly id: string
  readonly kind: string
  readonly state: ExportState
  readonly since: string | null
  readonly until: string | null
  readonly orgUnitId: string | null
  readonly rowCount: number | null
  readonly byteCount: number | null
  readonly sha256: string | null
  readonly error: string | null
  readonly requestedBy: string
  readonly createdAt: Date
  readonly finishedAt: Date | null
  readonly expiresAt: Date
}

/** Which exports. */
export interface ExportFilter extends PageFilter<ExportSort> {
  readonly state: ExportState | null
  readonly kind: string | null
}

/** What is asked for. */
export interface NewExport {
  readonly kind: string
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** The place that it is of; the whole tenant with scope `all`. */
  readonly orgScope: OrgScope
  readonly orgUnitId: string | null
  readonly requestedBy: string
}

/** Days until an export is removed. */
const lifetimeDays = 7

const createdAt = sql`created_at`
const columns = sql`id, kind, state, filter ->> 'since' as since, filter ->> 'until' as until,
  org_unit_id as "orgUnitId", row_count::float8 as "rowCount", byte_count::float8 as "byteCount",
  encode(sha256, 'hex') as sha256, error, requested_by as "requestedBy",
  ${createdAt} as "createdAt", finished_at as "finishedAt", expires_at as "expiresAt"`

/** Who asks for exports, and whose they get. */
export interface ExportReader {
  readonly mode: ContextMode
  /** False for who works in one org unit, alone or with all below. */
  readonly isWholeTenant: boolean
}

const unitsInScope = sql`any ((select watertight.org_unit_ids())::uuid[])`

/**
 * Condition: the export holds no more than the caller sees at this moment. Who asked for one as an
 * admin of the tenant does not get it as somebody who works in one unit, be it by a key of theirs.
 */
const isWithinScope = (
  isWholeTenant: Sql,
): Sql => sql`(${isWholeTenant} or exported.org_unit_id = ${unitsInScope}
  and (exported.org_scope = 'unit' or not exists (
    select from core.org_units below
    where below.parent_id = exported.org_unit_id and not below.id = ${unitsInScope})))`

/** What exports can be listed by. */
export type ExportSort = 'kind' | 'state' | 'rowCount' | 'createdAt' | 'expiresAt'

/** The orders of the list of exports. */
export const exportOrders: SortOrders<ExportSort> = sortOrders(
  {
    kind: byText(sql`kind`),
    state: byEnum(sql`state`, sql`sec.export_state`),
    rowCount: byInteger(sql`row_count`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
    expiresAt: byTime(sql`expires_at`),
  },
  '-createdAt',
)

/** Exports from the newest on. */
export async function listExports(
  db: Queryable,
  { mode, isWholeTenant }: ExportReader,
  filter: ExportFilter,
): Promise<Sorted<ExportRow>[]> {
  const page = pageSql(exportOrders, filter)
  const { rows } = await db.query<Sorted<ExportRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'sec.exports')} exported
     where ${isWithinScope(sql`$6::boolean`)} and ${page.after}
       and ($4::sec.export_state is null or state = $4) and ($5::text is null or kind = $5)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.state, filter.kind, isWholeTenant],
  )
  return rows
}

/** The export. */
export async function findExport(
  db: Queryable,
  { mode, isWholeTenant }: ExportReader,
  id: string,
): Promise<ExportRow | undefined> {
  const { rows } = await db.query<ExportRow>(
    sql`select ${columns} from ${relationFor(mode, 'sec.exports')} exported
     where id = $1 and ${isWithinScope(sql`$2::boolean`)}`.text,
    [id, isWholeTenant],
  )
  return rows[0]
}

/** Exports of the user that wait to be made. */
export async function countQueued(db: Queryable, userId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from sec.exports
     where requested_by = $1 and state = 'queued'`,
    [userId],
  )
  return rows[0]?.count ?? 0
}

/** Asks for an export; a worker makes it. */
export async function insertExport(
  db: Queryable,
  wanted: NewExport,
): Promise<ExportRow | undefined> {
  const { kind, since, until, orgScope, orgUnitId, requestedBy } = wanted
  const { rows } = await db.query<ExportRow>(
    sql`insert into sec.exports (kind, filter, org_unit_id, org_scope, requested_by, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) returning ${columns}`.text,
    [
      kind,
      JSON.stringify({ since, until }),
      orgScope === 'all' ? null : orgUnitId,
      orgScope === 'all' ? null : orgScope,
      requestedBy,
      lifetimeDays,
    ],
  )
  return rows[0]
}

/** The bytes of an export that is ready and has not ended. */
export interface StoredBytes {
  readonly kind: string
  readonly reference: string
  readonly byteCount: number
  readonly sha256: string
}

/** Where the bytes of an export lie, and what they have to be; undefined when it is not ready. */
export async function findStoredBytes(db: Queryable, id: string): Promise<StoredBytes | undefined> {
  const { rows } = await db.query<StoredBytes>(
    `select kind, storage_reference as reference, byte_count::float8 as "byteCount",
       encode(sha256, 'hex') as sha256
     from sec.exports where id = $1 and state = 'ready' and expires_at > now()
       and byte_count is not null`,
    [id],
  )
  return rows[0]
}
