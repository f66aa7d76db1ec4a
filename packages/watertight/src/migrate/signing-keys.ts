import { checkSigningKey, hmacPads } from '../runtime/index.js'
import type { SigningKey } from '../runtime/index.js'
import type { Queryable } from '../sql/index.js'

/** A signing key as the database knows it: never the secret. */
export interface SigningKeyInfo {
  readonly kid: string
  readonly createdAt: Date
  /** From then on contexts signed with the key are refused; null while it is in use. */
  readonly notAfter: Date | null
}

/**
 * Lets the database accept contexts signed with `key`. Stores the two HMAC pads (RFC 2104), which
 * only the owner role can read.
 *
 * @throws INVALID_SIGNING_KEY; the driver's unique violation (23505) when the id is taken.
 */
export async function addSigningKey(db: Queryable, key: SigningKey): Promise<void> {
  const { kid, secret } = checkSigningKey(key)
  const { inner, outer } = hmacPads(secret)
  await db.query(
    'insert into watertight.signing_keys (kid, inner_key, outer_key) values ($1, $2, $3)',
    [kid, inner, outer],
  )
  // Sessions look an unknown key up; an update lets them hear that there is one to remember.
  await db.query('update watertight.signing_keys set not_after = null where kid = $1', [kid])
}

/**
 * Ends a key at a time that leaves contexts under way enough of it. To rotate without downtime: add
 * the new key, let every application server sign with it, retire the old one.
 *
 * @returns false when there is no such key.
 */
export async function retireSigningKey(
  db: Queryable,
  kid: string,
  notAfter: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'update watertight.signing_keys set not_after = least(not_after, $2) where kid = $1',
    [kid, notAfter],
  )
  return rowCount === 1
}

/** Deletes a key: contexts signed with it are refused from the next statement on. */
export async function revokeSigningKey(db: Queryable, kid: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from watertight.signing_keys where kid = $1', [kid])
  return rowCount === 1
}

/** The keys that the database knows, oldest first. */
export async function listSigningKeys(db: Queryable): Promise<readonly SigningKeyInfo[]> {
  const { rows } = await db.query<{ kid: string; created_at: Date; not_after: Date | null }>(
    'select kid, created_at, not_after from watertight.signing_keys order by created_at, kid',
  )
  return rows.map((row) => ({ kid: row.kid, createdAt: row.created_at, notAfter: row.not_after }))
}
