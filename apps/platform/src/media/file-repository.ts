import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A file is shown when its bytes are there and were found to be what was announced. */
export type FileState = 'uploading' | 'ready' | 'quarantined'

/** What is known of a file; null in what an auditor may not read. */
export interface FileRow {
  readonly id: string
  readonly originalName: string | null
  readonly contentType: string
  readonly byteCount: number
  readonly sha256: string
  readonly state: FileState
  readonly alternativeText: string | null
  readonly uploadedBy: string | null
  readonly createdAt: Date
}

/** A resized form of a file. */
export interface VariantRow {
  readonly id: string
  readonly kind: 'thumbnail' | 'card' | 'cover'
  readonly width: number
  readonly height: number
  readonly byteCount: number
  readonly createdAt: Date
}

/** Which files. */
export interface FileFilter extends PageFilter<FileSort> {
  readonly state: FileState | null
  readonly contentType: string | null
  /** Part of the name. */
  readonly search?: string | undefined
}

/** What is announced of an upload. */
export interface NewFile {
  readonly id: string
  readonly storageKey: string
  readonly originalName: string
  readonly contentType: string
  readonly byteCount: number
  readonly sha256: string
  readonly alternativeText?: string | undefined
  readonly uploadedBy: string
}

const createdAt = sql`created_at`
const columns = sql`id, original_name as "originalName", content_type as "contentType",
  byte_count::float8 as "byteCount", encode(sha256, 'hex') as sha256, state,
  alternative_text as "alternativeText", uploaded_by as "uploadedBy",
  ${createdAt} as "createdAt"`

/** What files can be listed by. */
export type FileSort = 'originalName' | 'contentType' | 'byteCount' | 'state' | 'createdAt'

/** The orders of the list of files. */
export const fileOrders: SortOrders<FileSort> = sortOrders(
  {
    originalName: byText(sql`original_name`, { nullable: true }),
    contentType: byText(sql`content_type`),
    byteCount: byInteger(sql`byte_count`),
    state: byEnum(sql`state`, sql`media.file_state`),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Files that are not deleted, from the newest on. */
export async function listFiles(
  db: Queryable,
  mode: ContextMode,
  filter: FileFilter,
): Promise<Sorted<FileRow>[]> {
  const page = pageSql(fileOrders, filter)
  const { rows } = await db.query<Sorted<FileRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'media.files')}
     where ${page.after} and deleted_at is null
       and ($4::media.file_state is null or state = $4)
       and ($5::text is null or content_type = $5)
       and ($6::text is null or strpos(lower(original_name), lower($6)) > 0)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.state, filter.contentType, filter.search ?? null],
  )
  return rows
}

/** The file, unless it is deleted. */
export async function findFile(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    sql`select ${columns} from ${relationFor(mode, 'media.files')}
     where id = $1 and deleted_at is null`.text,
    [id],
  )
  return rows[0]
}

/** The forms of a file, smallest first; there is at most one of each kind. */
export async function listVariants(
  db: Queryable,
  mode: ContextMode,
  fileId: string,
): Promise<VariantRow[]> {
  const { rows } = await db.query<VariantRow>(
    sql`select id, kind, (size).width, (size).height, byte_count::float8 as "byteCount",
       created_at as "createdAt"
     from ${relationFor(mode, 'media.variants')} where file_id = $1 order by kind`.text,
    [fileId],
  )
  return rows
}

/** Announces an upload. */
export async function insertFile(db: Queryable, file: NewFile): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    sql`insert into media.files (id, storage_key, original_name, content_type, byte_count, sha256,
       alternative_text, uploaded_by)
     values ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8) returning ${columns}`.text,
    [
      file.id,
      file.storageKey,
      file.originalName,
      file.contentType,
      file.byteCount,
      file.sha256,
      file.alternativeText ?? null,
      file.uploadedBy,
    ],
  )
  return rows[0]
}

/** Says what a picture shows; null takes that away. */
export async function describeFile(
  db: Queryable,
  id: string,
  alternativeText: string | null,
): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    sql`update media.files set alternative_text = $2
     where id = $1 and deleted_at is null returning ${columns}`.text,
    [id, alternativeText],
  )
  return rows[0]
}

/** Deletes a file as far as anybody can see; its bytes go later. */
export async function deleteFile(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'update media.files set deleted_at = now() where id = $1 and deleted_at is null',
    [id],
  )
  return rowCount === 1
}
