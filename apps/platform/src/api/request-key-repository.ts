import type { Queryable } from 'watertight/sql'

/** A write outside of any tenant that its client may repeat. */
export interface SubjectRequest {
  /** How a visitor is told from others; null for the user of the context. */
  readonly visitor: string | null
  readonly key: string
  readonly method: string
  readonly path: string
  /** SHA-256 of what was asked. */
  readonly hash: Buffer
}

/** What is known of a key. */
export interface RequestKeyRow {
  readonly state: 'new' | 'done' | 'other'
  /** Null for another request. */
  readonly status: number | null
  readonly body: unknown
}

function valuesOf({ visitor, key, method, path, hash }: SubjectRequest): unknown[] {
  return [visitor, key, method, path, hash]
}

/** Takes the key for this transaction, or says what it was taken for. */
export async function takeRequestKey(
  db: Queryable,
  request: SubjectRequest,
): Promise<RequestKeyRow | undefined> {
  const { rows } = await db.query<RequestKeyRow>(
    'select state, status, body from ops.take_request_key($1, $2, $3, $4, $5)',
    valuesOf(request),
  )
  return rows[0]
}

/** What a visitor's key was taken for; undefined for a new one. In mode `public`. */
export async function findRequestKey(
  db: Queryable,
  request: SubjectRequest,
): Promise<RequestKeyRow | undefined> {
  const { rows } = await db.query<RequestKeyRow>(
    'select state, status, body from ops.find_request_key($1, $2, $3, $4, $5)',
    valuesOf(request),
  )
  return rows[0]
}

/** Keeps the answer, in the transaction that took the key; false in any other. */
export async function keepRequestAnswer(
  db: Queryable,
  { visitor, key }: SubjectRequest,
  answer: { readonly status: number; readonly json: string | null },
): Promise<boolean> {
  const { rows } = await db.query<{ kept: boolean }>(
    'select ops.keep_request_answer($1, $2, $3::smallint, $4::jsonb) as kept',
    [visitor, key, answer.status, answer.json],
  )
  return rows[0]?.kept === true
}

/** Gives the key back, in the transaction that took it. */
export async function dropRequestKey(
  db: Queryable,
  { visitor, key }: SubjectRequest,
): Promise<void> {
  await db.query('select ops.drop_request_key($1, $2)', [visitor, key])
}

/** Deletes keys whose day is over, at most so many of each kind; how many they were. */
export async function dropExpiredKeys(db: Queryable, most: number): Promise<number> {
  const { rows } = await db.query<{ dropped: number | null }>(
    'select ops.drop_expired_keys($1) as dropped',
    [most],
  )
  return rows[0]?.dropped ?? 0
}
