import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { Cursor } from '../api/page.js'

/** A row of `sec.assets`. */
export interface AssetRow {
  readonly id: string
  readonly org_unit_id: string
  readonly display_name: string
  readonly hostname: string
  readonly kind: string
  readonly status: string
  readonly tags: string[]
  readonly approved_by: string | null
  readonly approved_at: Date | null
  readonly created_at: Date
}

const columns = sql`id, org_unit_id, display_name, hostname, kind, status, tags, approved_by,
  approved_at, date_trunc('milliseconds', created_at) as created_at`

/** Assets from the newest on; one more than `limit`, so that the caller knows of a next page. */
export async function listAssets(
  db: Queryable,
  filter: { readonly status: string | null; readonly after: Cursor | null; readonly limit: number },
): Promise<AssetRow[]> {
  const { rows } = await db.query<AssetRow>(
    sql`select ${columns} from sec.assets
     where ($1::sec.asset_status is null or status = $1)
       and ($2::timestamptz is null
         or (date_trunc('milliseconds', created_at), id) < ($2, $3::uuid))
     order by date_trunc('milliseconds', created_at) desc, id desc limit $4`.text,
    [filter.status, filter.after?.at ?? null, filter.after?.id ?? null, filter.limit + 1],
  )
  return rows
}

/** The asset, if the caller may see it. */
export async function findAsset(db: Queryable, id: string): Promise<AssetRow | undefined> {
  const { rows } = await db.query<AssetRow>(
    sql`select ${columns} from sec.assets where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** Approves a pending asset; undefined when there is no such pending one. */
export async function approveAsset(
  db: Queryable,
  id: string,
  userId: string,
): Promise<AssetRow | undefined> {
  const { rows } = await db.query<AssetRow>(
    sql`update sec.assets set status = 'approved', approved_by = $2, approved_at = now()
     where id = $1 and status = 'pending' returning ${columns}`.text,
    [id, userId],
  )
  return rows[0]
}
