import type { Queryable } from 'watertight/sql'
import type { KeyCursor } from '../database/key-cursor.js'

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

/** A page in the order of codes. */
export interface CodePage {
  readonly after: KeyCursor | null
  readonly limit: number
}

/** Frameworks in the order of their codes; one more than the limit. */
export async function listFrameworks(
  db: Queryable,
  { after, limit }: CodePage,
): Promise<FrameworkRow[]> {
  const { rows } = await db.query<FrameworkRow>(
    `select id, code, edition, title, publisher, published_on::text as "publishedOn"
     from sec.frameworks
     where $1::text is null or (code collate "C", id) > ($1, $2::uuid)
     order by code collate "C", id limit $3`,
    [after?.key ?? null, after?.id ?? null, limit + 1],
  )
  return rows
}

/** True when there is such a framework. */
export async function isFramework(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query('select from sec.frameworks where id = $1', [id])
  return rows.length > 0
}

/** Controls of a framework in the order of their codes; one more than the limit. */
export async function listControls(
  db: Queryable,
  frameworkId: string,
  { after, limit }: CodePage,
): Promise<ControlRow[]> {
  const { rows } = await db.query<ControlRow>(
    `select id, framework_id as "frameworkId", parent_id as "parentId", code, title, guidance
     from sec.controls
     where framework_id = $4 and ($1::text is null or (code collate "C", id) > ($1, $2::uuid))
     order by code collate "C", id limit $3`,
    [after?.key ?? null, after?.id ?? null, limit + 1, frameworkId],
  )
  return rows
}
