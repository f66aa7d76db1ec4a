import type { ContextMode } from 'watertight/runtime'
import { sql, trustedSql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'
import { defaultFreshDays } from './control-status-repository.js'

/** A piece of evidence as the API shows it; null in what an auditor may not read. */
export interface EvidenceRow {
  readonly id: string
  readonly controlId: string | null
  readonly assetId: string | null
  readonly title: string
  readonly source: string
  readonly sha256: string
  readonly byteCount: number
  readonly storageReference: string | null
  readonly excerpt: string | null
  readonly collectedBy: string | null
  readonly collectedAt: Date
  readonly supersedesId: string | null
  readonly supersededById: string | null
  /** Days for which it counts as fresh, by its control. */
  readonly freshDays: number
}

/** Which evidence. */
export interface EvidenceFilter extends PageFilter<EvidenceSort> {
  readonly controlId: string | null
  readonly assetId: string | null
  readonly source: string | null
  /** False: only what nothing newer has taken the place of. */
  readonly superseded: boolean | null
}

/** What is kept of a piece of evidence; it never changes again. */
export interface NewEvidence {
  readonly title: string
  readonly source: string
  readonly sha256: string
  readonly byteCount: number
  readonly storageReference: string
  readonly controlId?: string | undefined
  readonly assetId?: string | undefined
  readonly excerpt?: string | undefined
  readonly collectedAt?: string | undefined
  readonly supersedesId?: string | undefined
}

// Several pieces may say that they take the place of one; the newest counts.
const columns = sql`id, control_id as "controlId", asset_id as "assetId", title, source,
  encode(sha256, 'hex') as sha256, byte_count::float8 as "byteCount",
  storage_reference as "storageReference", excerpt, collected_by as "collectedBy",
  collected_at as "collectedAt", supersedes_id as "supersedesId",
  (select newer.id from sec.evidence newer where newer.supersedes_id = piece.id
   order by newer.collected_at desc, newer.id desc limit 1) as "supersededById",
  coalesce((select status.fresh_days from sec.tenant_control_status status
   where status.control_id = piece.control_id), ${trustedSql(String(defaultFreshDays))}) as "freshDays"`

/** What evidence can be listed by. */
export type EvidenceSort = 'title' | 'source' | 'byteCount' | 'collectedAt'

/** The orders of the list of evidence. */
export const evidenceOrders: SortOrders<EvidenceSort> = sortOrders(
  {
    title: byText(sql`title`),
    source: byText(sql`source`),
    byteCount: byInteger(sql`byte_count`),
    collectedAt: byTime(sql`collected_at`),
  },
  '-collectedAt',
)

/** Evidence from the last collected on. */
export async function listEvidence(
  db: Queryable,
  mode: ContextMode,
  filter: EvidenceFilter,
): Promise<Sorted<EvidenceRow>[]> {
  const relation = relationFor(mode, 'sec.evidence')
  const page = pageSql(evidenceOrders, filter)
  const { rows } = await db.query<Sorted<EvidenceRow>>(
    sql`select ${columns}, ${page.column} from ${relation} piece
     where ${page.after}
       and ($4::uuid is null or control_id = $4)
       and ($5::uuid is null or asset_id = $5)
       and ($6::text is null or source = $6)
       and ($7::boolean is null
         or $7 = exists (select from sec.evidence newer where newer.supersedes_id = piece.id))
     ${page.orderAndLimit}`.text,
    [...page.values, filter.controlId, filter.assetId, filter.source, filter.superseded],
  )
  return rows
}

/** The piece of evidence. */
export async function findEvidence(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<EvidenceRow | undefined> {
  const { rows } = await db.query<EvidenceRow>(
    sql`select ${columns} from ${relationFor(mode, 'sec.evidence')} piece where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** Adds a piece of evidence and returns its id. */
export async function insertEvidence(
  db: Queryable,
  evidence: NewEvidence,
  userId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into sec.evidence (title, source, sha256, byte_count, storage_reference, control_id,
       asset_id, excerpt, collected_by, collected_at, supersedes_id)
     values ($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8, $9,
       coalesce($10::timestamptz, now()), $11)
     returning id`,
    [
      evidence.title,
      evidence.source,
      evidence.sha256,
      evidence.byteCount,
      evidence.storageReference,
      evidence.controlId ?? null,
      evidence.assetId ?? null,
      evidence.excerpt ?? null,
      userId,
      evidence.collectedAt ?? null,
      evidence.supersedesId ?? null,
    ],
  )
  return rows[0]?.id
}

/** Bytes of a file of the tenant that has been checked; undefined when there is no such one. */
export async function findReadyFile(
  db: Queryable,
  fileId: string,
): Promise<Pick<NewEvidence, 'sha256' | 'byteCount' | 'storageReference'> | undefined> {
  const { rows } = await db.query<Pick<NewEvidence, 'sha256' | 'byteCount' | 'storageReference'>>(
    `select encode(sha256, 'hex') as sha256, byte_count::float8 as "byteCount",
       storage_key as "storageReference"
     from media.files where id = $1 and state = 'ready' and deleted_at is null`,
    [fileId],
  )
  return rows[0]
}
