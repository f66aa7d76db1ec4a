import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import type { AttributeValue } from './fields.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What an asset is. */
export type AssetKind = 'server' | 'workstation' | 'network' | 'camera' | 'cloud'

/** A new asset is pending until somebody approves it. */
export type AssetStatus = 'pending' | 'approved' | 'retired'

/** An asset as the API shows it; null in what an auditor may not read. */
export interface AssetRow {
  readonly id: string
  readonly orgUnitId: string
  readonly displayName: string
  readonly label: string | null
  readonly hostname: string
  readonly kind: AssetKind
  readonly status: AssetStatus
  readonly address: string | null
  readonly hardwareAddress: string | null
  readonly serialNumber: string | null
  readonly tags: string[]
  readonly attributes: Record<string, unknown> | null
  readonly approvedBy: string | null
  readonly approvedAt: Date | null
  readonly lastSeenAt: Date | null
  readonly createdAt: Date
}

/** What assets can be listed by. */
export type AssetSort = 'displayName' | 'hostname' | 'kind' | 'status' | 'lastSeenAt' | 'createdAt'

/** The orders of the list of assets. */
export const assetOrders: SortOrders<AssetSort> = sortOrders(
  {
    displayName: byText(sql`display_name`),
    hostname: byText(sql`hostname`),
    kind: byEnum(sql`kind`, sql`sec.asset_kind`),
    status: byEnum(sql`status`, sql`sec.asset_status`),
    lastSeenAt: byTime(sql`last_seen_at`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Which assets, in which order. */
export interface AssetFilter extends PageFilter<AssetSort> {
  readonly status: AssetStatus | null
  readonly kind: AssetKind | null
  readonly orgUnitId: string | null
  readonly tag: string | null
  /** Part of the name or the host name; case does not matter. */
  readonly search: string | null
}

/** What makes an asset; the rest is decided by the platform. */
export interface NewAsset {
  readonly orgUnitId: string
  readonly hostname: string
  readonly kind: AssetKind
  readonly label?: string | undefined
  readonly address?: string | undefined
  readonly hardwareAddress?: string | undefined
  readonly serialNumber?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined
}

/** New values by column; what is absent stays. */
export type AssetChange = Readonly<Record<string, unknown>>

const columns = sql`id, org_unit_id as "orgUnitId", display_name as "displayName", label, hostname,
  kind, status, host(address) as address, hardware_address::text as "hardwareAddress",
  serial_number as "serialNumber", tags, attributes, approved_by as "approvedBy",
  approved_at as "approvedAt", last_seen_at as "lastSeenAt", created_at as "createdAt"`

/** Assets in the order asked for; one more than `limit`, so that the caller knows of a next page. */
export async function listAssets(
  db: Queryable,
  mode: ContextMode,
  filter: AssetFilter,
): Promise<Sorted<AssetRow>[]> {
  const page = pageSql(assetOrders, filter)
  const { rows } = await db.query<Sorted<AssetRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'sec.assets')}
     where ${page.after}
       and ($4::sec.asset_status is null or status = $4)
       and ($5::sec.asset_kind is null or kind = $5)
       and ($6::uuid is null or org_unit_id = $6)
       and ($7::text is null or tags @> array[$7])
       and ($8::text is null or strpos(lower(display_name || ' ' || hostname), lower($8)) > 0)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.status, filter.kind, filter.orgUnitId, filter.tag, filter.search],
  )
  return rows
}

/** The asset, if the caller may see it. */
export async function findAsset(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<AssetRow | undefined> {
  const { rows } = await db.query<AssetRow>(
    sql`select ${columns} from ${relationFor(mode, 'sec.assets')} where id = $1`.text,
    [id],
  )
  return rows[0]
}

/**
 * A new pending asset; undefined when an asset of that host name is in use, in whatever org unit of
 * the tenant.
 */
export async function insertAsset(db: Queryable, asset: NewAsset): Promise<AssetRow | undefined> {
  const { rows } = await db.query<AssetRow>(
    sql`insert into sec.assets (org_unit_id, hostname, kind, label, address, hardware_address,
       serial_number, tags, attributes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (tenant_id, hostname) where status <> 'retired' do nothing
     returning ${columns}`.text,
    [
      asset.orgUnitId,
      asset.hostname,
      asset.kind,
      asset.label ?? null,
      asset.address ?? null,
      asset.hardwareAddress ?? null,
      asset.serialNumber ?? null,
      asset.tags ?? [],
      JSON.stringify(asset.attributes ?? {}),
    ],
  )
  return rows[0]
}

/** Changes an asset that is in use; undefined when there is no such one. */
export async function updateAsset(
  db: Queryable,
  id: string,
  change: AssetChange,
): Promise<AssetRow | undefined> {
  // Columns that the change does not name come from the row as it is.
  const { rows } = await db.query<AssetRow>(
    sql`update sec.assets a
     set (label, kind, address, hardware_address, serial_number, tags, attributes) =
       (select c.label, c.kind, c.address, c.hardware_address, c.serial_number, c.tags, c.attributes
        from jsonb_populate_record(a, $2::jsonb) c)
     where id = $1 and status <> 'retired' returning ${columns}`.text,
    [id, JSON.stringify(change)],
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

/** Takes an asset out of use, so that its host name is free; undefined when none is in use. */
export async function retireAsset(db: Queryable, id: string): Promise<AssetRow | undefined> {
  const { rows } = await db.query<AssetRow>(
    sql`update sec.assets set status = 'retired'
     where id = $1 and status <> 'retired' returning ${columns}`.text,
    [id],
  )
  return rows[0]
}
