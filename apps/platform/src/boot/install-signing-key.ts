import { WatertightError } from 'watertight/errors'
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
 * @throws INVALID_SIGNING_KEY when `text` is malformed, or names a key that has been retired.
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
  const earlier = known.find(({ kid }) => kid === key.kid)
  if (earlier === undefined) await addSigningKey(db, key)
  else if (earlier.notAfter !== null) {
    throw new WatertightError('INVALID_SIGNING_KEY', `signing key ${key.kid} has been retired`, {
      object: key.kid,
      hint: 'Configure a key under an id of its own.',
    })
  }
  return { key, isYours: true }
}
