import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A row of `core.api_keys`, without its hash. */
export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  /** Null for auditors. */
  readonly prefix: string | null
  readonly scopes: readonly string[]
  readonly org_unit_id: string | null
  readonly created_by: string
  readonly created_at: Date
  readonly last_used_at: Date | null
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

const columns = sql`k.id, k.name, k.prefix, k.scopes, k.org_unit_id, k.created_by,
  k.created_at, k.last_used_at, k.expires_at,
  k.revoked_at`

/** What API keys can be listed by. */
export type ApiKeySort = 'name' | 'prefix' | 'lastUsedAt' | 'expiresAt' | 'createdAt'

/** The orders of the list of API keys. */
export const apiKeyOrders: SortOrders<ApiKeySort> = sortOrders(
  {
    name: byText(sql`name`),
    prefix: byText(sql`prefix`, { nullable: true }),
    lastUsedAt: byTime(sql`last_used_at`, { nullable: true }),
    expiresAt: byTime(sql`expires_at`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Keys of one creator, or all; newest first, one more than the limit. */
export async function listApiKeys(
  db: Queryable,
  mode: ContextMode,
  createdBy: string | null,
  filter: PageFilter<ApiKeySort>,
): Promise<Sorted<ApiKeyRow>[]> {
  const page = pageSql(apiKeyOrders, filter)
  const { rows } = await db.query<Sorted<ApiKeyRow>>(
    sql`select *, ${page.column} from (
        select ${columns} from ${relationFor(mode, 'core.api_keys')} k
        where $4::uuid is null or k.created_by = $4) k
      where ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, createdBy],
  )
  return rows
}

/** Keeps a new key. */
export async function insertApiKey(
  db: Queryable,
  key: {
    readonly tenantId: string
    readonly name: string
    readonly prefix: string
    readonly hash: Buffer
    readonly scopes: readonly string[]
    readonly orgUnitId: string | null
    readonly createdBy: string
    readonly expiresAt: string | null
  },
): Promise<ApiKeyRow> {
  const { rows } = await db.query<ApiKeyRow>(
    sql`insert into core.api_keys as k
        (tenant_id, name, prefix, key_hash, scopes, org_unit_id, created_by, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`.text,
    [
      key.tenantId,
      key.name,
      key.prefix,
      key.hash,
      key.scopes,
      key.orgUnitId,
      key.createdBy,
      key.expiresAt,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('an inserted row is returned')
  return row
}

/** Revokes a live key of one creator, or of anybody; false when there is none. */
export async function revokeApiKey(
  db: Queryable,
  id: string,
  createdBy: string | null,
): Promise<boolean> {
  const { rows } = await db.query(
    `update core.api_keys set revoked_at = now()
     where id = $1 and revoked_at is null and ($2::uuid is null or created_by = $2)
     returning id`,
    [id, createdBy],
  )
  return rows.length === 1
}
