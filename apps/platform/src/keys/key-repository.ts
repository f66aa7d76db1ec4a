import type { KeyRecord, KeyRecords, KeyState } from 'watertight/tenants'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byEnum, byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What a key is for. */
export type KeyPurpose = 'evidence' | 'credentials' | 'exports'

/** All of them. */
export const keyPurposes: readonly [KeyPurpose, ...KeyPurpose[]] = [
  'evidence',
  'credentials',
  'exports',
]

/** A row of `core.encryption_keys`. */
export interface KeyRow {
  readonly id: string
  readonly tenant_id: string
  readonly purpose: KeyPurpose
  readonly version: number
  readonly state: KeyState
  readonly provider: string
  readonly created_at: Date
  readonly retired_at: Date | null
  readonly disabled_at: Date | null
  readonly destroyed_at: Date | null
}

/** A key with the reference that its provider knows it by. */
export interface HeldKey extends KeyRow {
  readonly key_reference: string
}

const columns = sql`id, tenant_id, purpose, version, state, provider,
  created_at, retired_at, disabled_at, destroyed_at`
const held = sql`${columns}, key_reference`

/** What keys can be listed by. */
export type KeySort =
  | 'purpose'
  | 'version'
  | 'state'
  | 'provider'
  | 'createdAt'
  | 'retiredAt'
  | 'disabledAt'
  | 'destroyedAt'

/** The orders of the list of keys. */
export const keyOrders: SortOrders<KeySort> = sortOrders(
  {
    purpose: byEnum(sql`purpose`, sql`core.key_purpose`),
    version: byInteger(sql`version`),
    state: byEnum(sql`state`, sql`core.key_state`),
    provider: byText(sql`provider`),
    createdAt: byTime(sql`created_at`),
    retiredAt: byTime(sql`retired_at`, { nullable: true }),
    disabledAt: byTime(sql`disabled_at`, { nullable: true }),
    destroyedAt: byTime(sql`destroyed_at`, { nullable: true }),
  },
  '-createdAt',
)

/** The tenant's keys, the newest first, without their references; one more than `limit`. */
export async function listKeys(
  db: Queryable,
  filter: PageFilter<KeySort> & { readonly purpose: KeyPurpose | null },
): Promise<Sorted<KeyRow>[]> {
  const page = pageSql(keyOrders, filter)
  const { rows } = await db.query<Sorted<KeyRow>>(
    sql`select ${columns}, ${page.column} from core.encryption_keys
     where ${page.after}
       and ($4::core.key_purpose is null or purpose = $4)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.purpose],
  )
  return rows
}

/** Every version of the key for a purpose, with references. */
export async function findVersions(
  db: Queryable,
  tenantId: string,
  purpose: string,
): Promise<HeldKey[]> {
  const { rows } = await db.query<HeldKey>(
    sql`select ${held} from core.encryption_keys
     where tenant_id = $1 and purpose = $2 order by version`.text,
    [tenantId, purpose],
  )
  return rows
}

/** As {@link findVersions}; nobody else changes them until the transaction ends. */
export async function lockVersions(
  db: Queryable,
  tenantId: string,
  purpose: string,
): Promise<HeldKey[]> {
  // The rows alone would not keep two first versions of a purpose apart.
  await db.query('select pg_advisory_xact_lock(hashtextextended($1, 20))', [
    `key ${tenantId} ${purpose}`,
  ])
  return findVersions(db, tenantId, purpose)
}

/** The key of this id. */
export async function findKey(db: Queryable, id: string): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(
    sql`select ${columns} from core.encryption_keys where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** Adds an active version. */
export async function insertKey(
  db: Queryable,
  key: {
    readonly tenantId: string
    readonly purpose: string
    readonly version: number
    readonly provider: string
    readonly reference: string
  },
): Promise<KeyRow> {
  const { rows } = await db.query<KeyRow>(
    sql`insert into core.encryption_keys (tenant_id, purpose, version, provider, key_reference)
     values ($1, $2, $3, $4, $5) returning ${columns}`.text,
    [key.tenantId, key.purpose, key.version, key.provider, key.reference],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the new key is hidden from who made it')
  return row
}

/** Puts a key into a state, with the reference that its provider gave. */
export async function setKeyState(
  db: Queryable,
  id: string,
  state: KeyState,
  reference: string,
): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(
    sql`update core.encryption_keys set state = $2::core.key_state, key_reference = $3,
       retired_at = case when $2::core.key_state = 'active' then null else coalesce(retired_at, now()) end,
       disabled_at = case when $2::core.key_state = 'disabled' then now() end,
       destroyed_at = case when $2::core.key_state = 'destroyed' then now() end
     where id = $1 returning ${columns}`.text,
    [id, state, reference],
  )
  return rows[0]
}

/** Key records as the sealer reads them, asked of the database in this transaction each time. */
export class SqlKeyRecords implements KeyRecords {
  readonly #db: Queryable
  #read: readonly HeldKey[] = []

  constructor(db: Queryable) {
    this.#db = db
  }

  async find(tenantId: string, purpose: string): Promise<readonly KeyRecord[]> {
    this.#read = await findVersions(this.#db, tenantId, purpose)
    return this.#read.map(({ key_reference: reference, ...key }) => ({ ...key, reference }))
  }

  /** Id of a version of what was read last. */
  idOf(version: number): string {
    const found = this.#read.find((key) => key.version === version)
    if (found === undefined) throw new Error('no such version was read')
    return found.id
  }
}
