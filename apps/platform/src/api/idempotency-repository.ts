import type { Queryable } from 'watertight/sql'
import {
  dropRequestKey,
  findRequestKey,
  keepRequestAnswer,
  takeRequestKey,
} from './request-key-repository.js'
import type { RequestKeyRow, SubjectRequest } from './request-key-repository.js'

/** A write in a tenant that its client may repeat. */
export interface TenantRequest {
  readonly tenantId: string
  readonly userId: string
  readonly key: string
  readonly method: string
  readonly path: string
  /** SHA-256 of what was asked. */
  readonly hash: Buffer
}

/** A write that its client may repeat. */
export type KeyedRequest = TenantRequest | SubjectRequest

/** The answer that a write was given. */
export interface KeptAnswer {
  readonly status: number
  /** JSON; null for none. */
  readonly body: unknown
}

/** What is known of a key: the write is new, or was done, or the key is of another write. */
export type KeyState =
  | { readonly kind: 'new' }
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  | { readonly kind: 'other' }

// Whoever comes second waits here until the first has committed or rolled back. A key that is past
// its day is taken over.
const take = `
  insert into ops.idempotency_keys as k
    (tenant_id, user_id, key, method, path, request_hash, expires_at)
  values ($1, $2, $3, $4, $5, $6, now() + interval '24 hours')
  on conflict (tenant_id, user_id, key) do update set method = excluded.method,
    path = excluded.path, request_hash = excluded.request_hash, response_status = null,
    response_body = null, created_at = now(), expires_at = excluded.expires_at
  where k.expires_at <= now()
  returning true as taken`

const find = `
  select method = $4 and path = $5 and request_hash = $6 as is_same, response_status as status,
    response_body as body
  from ops.idempotency_keys where tenant_id = $1 and user_id = $2 and key = $3`

const keep = `
  update ops.idempotency_keys set response_status = $4, response_body = $5::jsonb
  where tenant_id = $1 and user_id = $2 and key = $3`

const drop = 'delete from ops.idempotency_keys where tenant_id = $1 and user_id = $2 and key = $3'

function valuesOf({ tenantId, userId, key, method, path, hash }: TenantRequest): unknown[] {
  return [tenantId, userId, key, method, path, hash]
}

function stateOf({ state, status, body }: RequestKeyRow): KeyState {
  if (state !== 'done') return { kind: state }
  // What is committed has its answer.
  if (status === null) throw new Error('a key that was taken has no answer')
  return { kind: 'done', answer: { status, body } }
}

/** Takes the key for this transaction, or says what it was taken for. */
export async function takeKey(db: Queryable, request: KeyedRequest): Promise<KeyState> {
  if (!('tenantId' in request)) {
    const row = await takeRequestKey(db, request)
    if (row === undefined) throw new Error('the key is of nobody')
    return stateOf(row)
  }
  const taken = await db.query(take, valuesOf(request))
  if (taken.rows.length > 0) return { kind: 'new' }
  const { rows } = await db.query<KeptAnswer & { is_same: boolean }>(find, valuesOf(request))
  const [row] = rows
  if (row === undefined) return { kind: 'other' }
  const { is_same: isSame, status, body } = row
  return isSame ? { kind: 'done', answer: { status, body } } : { kind: 'other' }
}

/** What a visitor's key was taken for, where nothing can be written. */
export async function findKey(db: Queryable, request: KeyedRequest): Promise<KeyState> {
  const row = 'tenantId' in request ? undefined : await findRequestKey(db, request)
  return row === undefined ? { kind: 'new' } : stateOf(row)
}

/** Keeps the answer, in the transaction of the write. */
export async function keepAnswer(
  db: Queryable,
  request: KeyedRequest,
  { status, body }: KeptAnswer,
): Promise<void> {
  const json = body === null ? null : JSON.stringify(body)
  if ('tenantId' in request) {
    const { tenantId, userId, key } = request
    await db.query(keep, [tenantId, userId, key, status, json])
  } else if (!(await keepRequestAnswer(db, request, { status, json }))) {
    throw new Error('the key was taken by another transaction')
  }
}

/** Gives the key back, in the transaction that took it. */
export async function dropKey(db: Queryable, request: KeyedRequest): Promise<void> {
  if (!('tenantId' in request)) return dropRequestKey(db, request)
  const { tenantId, userId, key } = request
  await db.query(drop, [tenantId, userId, key])
}
