import { addSigningKey, listSigningKeys } from 'watertight/migrate'
import { generateSigningKey, parseSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'

/** The key that contexts are signed with. */
export interface InstalledKey {
  readonly key: SigningKey
  /** False when it was made for this run only. */
  readonly isYours: boolean
}

/**
 * Lets the database accept contexts of a key: the one in `text` form, or a fresh one.
 *
 * @throws INVALID_SIGNING_KEY when `text` is malformed.
 */
export async function installSigningKey(
  db: Queryable,
  text: string | undefined,
): Promise<InstalledKey> {
  if (text === undefined || text === '') {
    const key = generateSigningKey()
    await addSigningKey(db, key)
    return { key, isYours: false }
  }
  const key = parseSigningKey(text)
  const known = await listSigningKeys(db)
  if (!known.some(({ kid }) => kid === key.kid)) await addSigningKey(db, key)
  return { key, isYours: true }
}
