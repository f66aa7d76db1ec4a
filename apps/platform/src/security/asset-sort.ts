import { z } from 'zod'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { KeyCursor } from '../database/key-cursor.js'
import { readKeyCursor, writeKeyCursor } from '../database/key-cursor.js'

/** Orders in which assets can be listed. */
export const assetSorts = ['newest', 'oldest', 'name', 'last_seen'] as const

/** One of {@link assetSorts}. */
export type AssetSort = (typeof assetSorts)[number]

interface SortOrder {
  readonly key: Sql
  /** The key as a text that {@link SortOrder.read} gives back without loss. */
  readonly text: Sql
  readonly read: Sql
  readonly direction: Sql
  readonly after: Sql
}

const isoMicroseconds = sql`'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`

function byTime(key: Sql, direction: 'asc' | 'desc'): SortOrder {
  const text = sql`to_char(${key} at time zone 'UTC', ${isoMicroseconds})`
  const isRising = direction === 'asc'
  return {
    key,
    text,
    read: sql`$1::timestamptz`,
    direction: isRising ? sql`asc` : sql`desc`,
    after: isRising ? sql`>` : sql`<`,
  }
}

// Collation "C": an order that does not change when the server's libraries do.
const name = sql`(lower(display_name) collate "C")`

/** How each order reads in SQL. */
export const sortOrders: Readonly<Record<AssetSort, SortOrder>> = {
  newest: byTime(sql`created_at`, 'desc'),
  oldest: byTime(sql`created_at`, 'asc'),
  last_seen: byTime(sql`coalesce(last_seen_at, created_at)`, 'desc'),
  name: { key: name, text: name, read: sql`$1::text`, direction: sql`asc`, after: sql`>` },
}

const instant = z.iso.datetime()

/** The cursor of the page after an asset. */
export function writeSortCursor(sort: AssetSort, cursor: KeyCursor): string {
  return writeKeyCursor(`assets.${sort}`, cursor)
}

/** @throws {ApiProblem} INVALID_REQUEST for a cursor of another list or another order. */
export function readSortCursor(sort: AssetSort, after: string | undefined): KeyCursor | null {
  const isInstant = (key: string): boolean => instant.safeParse(key).success
  return readKeyCursor(`assets.${sort}`, after, sort === 'name' ? undefined : isInstant)
}
