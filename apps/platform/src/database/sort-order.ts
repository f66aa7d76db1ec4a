import { z } from 'zod'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/** What a list can be ordered by: an expression over its rows, and how a cursor carries it. */
export interface SortKey {
  readonly key: Sql
  /** The key as a text from which a cast to {@link SortKey.type} gets it back without loss. */
  readonly text: Sql
  /** The type to which the text of the cursor is cast. */
  readonly type: Sql
  /** True where rows may have none, be it because an auditor may not read it; such rows come last. */
  readonly isNullable: boolean
  /** False for a text that no row has, and that PostgreSQL might not read. */
  readonly isKey: (text: string) => boolean
}

/** The name of a key, or with a minus in front for the other direction. */
export type SortOf<Name extends string> = Name | `-${Name}`

/** All orders of a list. */
export interface SortOrders<Name extends string> {
  readonly keys: Readonly<Record<Name, SortKey>>
  /** The order when none is asked for. */
  readonly initial: SortOf<Name>
  /** What decides among rows with the same key. */
  readonly id: SortId
}

/** What tells the rows of a list apart. */
export interface SortId {
  readonly column: Sql
  readonly type: Sql
  /** False for a text that is no id. */
  readonly isId: (text: string) => boolean
}

/** The last row of a page: its key as a text, and its id. */
export interface SortCursor {
  readonly key: string | null
  readonly id: string
}

/** Which page of a list, in which order. */
export interface PageFilter<Name extends string> {
  readonly sort: SortOf<Name>
  readonly after: SortCursor | null
  readonly limit: number
}

/** A row of a page with what its cursor is made of, beside its id. */
export type Sorted<Row> = Row & { readonly sort_key: string | null }

/** A page as parts of a query. */
export interface PageSql {
  /** One more column of the rows, see {@link Sorted}. */
  readonly column: Sql
  /** Condition: the row comes after the cursor. */
  readonly after: Sql
  /** Order of the rows, without a limit. */
  readonly order: Sql
  /** Order and size; one row more than the page has, so that the caller knows of a next one. */
  readonly orderAndLimit: Sql
  /** Values of the three places. */
  readonly values: readonly [key: string | null, id: string | null, limit: number]
}

interface KeyOptions {
  /** See {@link SortKey.isNullable}. */
  readonly nullable?: boolean
}

/** A time, to the microsecond. */
export function byTime(key: Sql, { nullable = false }: KeyOptions = {}): SortKey {
  const text = exactTime(key)
  const isKey = (instant: string): boolean => z.iso.datetime().safeParse(instant).success
  return { key, text, type: sql`timestamptz`, isNullable: nullable, isKey }
}

/**
 * A text without regard to case. Collation "C": an order that does not change when the libraries of
 * the server do.
 */
export function byText(column: Sql, { nullable = false }: KeyOptions = {}): SortKey {
  const key = sql`(lower(${column}) collate "C")`
  const isKey = (text: string): boolean => !/[\0\p{Cs}]/u.test(text)
  return { key, text: key, type: sql`text`, isNullable: nullable, isKey }
}

/** A whole number. */
export function byInteger(key: Sql, { nullable = false }: KeyOptions = {}): SortKey {
  const isKey = (text: string): boolean => /^-?\d{1,18}$/.test(text)
  return { key, text: sql`${key}::text`, type: sql`bigint`, isNullable: nullable, isKey }
}

/** A value of an enumeration, in the order of its declaration. */
export function byEnum(key: Sql, type: Sql): SortKey {
  const isKey = (text: string): boolean => /^[a-z_]{1,63}$/.test(text)
  return { key, text: sql`${key}::text`, type, isNullable: false, isKey }
}

/** Rows whose ids are uuids. */
function idOf(column: Sql): SortId {
  return { column, type: sql`uuid`, isId: (text) => z.uuid().safeParse(text).success }
}

/** Rows without an id, which have a place in their list that stays. */
export function placeOf(column: Sql): SortId {
  return { column, type: sql`bigint`, isId: (text) => /^\d{1,18}$/.test(text) }
}

/**
 * The orders of a list by the names of their keys.
 *
 * @param initial the order when none is asked for
 * @param id what decides among rows with the same key; a column of uuids, or what {@link placeOf} gives
 * @example
 * ```ts
 * const orders = sortOrders(
 *   { title: byText(sql`title`), detectedAt: byTime(sql`detected_at`) },
 *   '-detectedAt',
 * )
 * ```
 */
export function sortOrders<Name extends string>(
  keys: Readonly<Record<Name, SortKey>>,
  initial: SortOf<NoInfer<Name>>,
  id: Sql | SortId = sql`id`,
): SortOrders<Name> {
  return { keys, initial, id: 'column' in id ? id : idOf(id) }
}

/** The key of an order, and whether it falls. */
export function keyOf<Name extends string>(
  { keys }: SortOrders<Name>,
  sort: SortOf<Name>,
): { readonly key: SortKey; readonly isFalling: boolean } {
  const isFalling = sort.startsWith('-')
  // The minus is no part of a name.
  return { key: keys[(isFalling ? sort.slice(1) : sort) as Name], isFalling }
}

const firstPlaces = { key: sql`$1`, id: sql`$2`, limit: sql`$3` }

/**
 * A page of a list in one of its orders. Keys that are equal go by id, rows without a key last in
 * either direction. The comparison of rows is by key and id, so that an index on tenant, key and id
 * gives the page; the text of a first page has none, since a plan that serves both cannot start in
 * the middle.
 *
 * @param places where the values go in the query, `$1` to `$3` by default
 * @example
 * ```ts
 * const { column, after, orderAndLimit, values } = pageSql(alertOrders, filter)
 * sql`select id, ${column} from sec.alerts where ${after} ${orderAndLimit}`
 * // select id, … as sort_key from sec.alerts
 * // where (detected_at, id) < ($1::timestamptz, $2::uuid)
 * // order by detected_at desc, id desc limit $3
 * ```
 */
export function pageSql<Name extends string>(
  orders: SortOrders<Name>,
  { sort, after, limit }: PageFilter<Name>,
  places: { readonly key: Sql; readonly id: Sql; readonly limit: Sql } = firstPlaces,
): PageSql {
  const { key: by, isFalling } = keyOf(orders, sort)
  const { id } = orders
  const direction = isFalling ? sql`desc` : sql`asc`
  const last = by.isNullable && isFalling ? sql` nulls last` : sql``
  const order = sql`order by ${by.key} ${direction}${last}, ${id.column} ${direction}`
  return {
    column: sql`${by.text} as sort_key`,
    after: afterSql(by, id, after, isFalling ? sql`<` : sql`>`, places),
    order,
    orderAndLimit: sql`${order} limit ${places.limit}`,
    values: [after?.key ?? null, after?.id ?? null, limit + 1],
  }
}

function afterSql(
  { key, type, isNullable }: SortKey,
  id: SortId,
  after: SortCursor | null,
  follows: Sql,
  places: { readonly key: Sql; readonly id: Sql },
): Sql {
  // Every place is named in every text, so that PostgreSQL knows its type.
  const last = sql`${places.id}::${id.type}`
  if (after === null) return sql`(${places.key}::text is null and ${last} is null)`
  if (after.key === null) {
    return sql`(${key} is null and ${places.key}::text is null and ${id.column} ${follows} ${last})`
  }
  const isLater = sql`(${key}, ${id.column}) ${follows} (${places.key}::${type}, ${last})`
  return isNullable ? sql`(${isLater} or ${key} is null)` : isLater
}

/** A time in ISO 8601 to the microsecond: JavaScript's dates have milliseconds. */
function exactTime(time: Sql): Sql {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}
