import { readFile, writeFile } from 'node:fs/promises'
import { addSigningKey, listSigningKeys } from 'watertight/migrate'
import { formatSigningKey, generateSigningKey, parseSigningKey } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'

/**
 * The signing key of a local database in its text form: the one in `file` while the database knows
 * it, else a new one. Without a file a new one each time.
 */
export async function localSigningKey(db: Queryable, file: string | null): Promise<string> {
  const known = new Set((await listSigningKeys(db)).map(({ kid }) => kid))
  if (file !== null) {
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text !== null && known.has(parseSigningKey(text).kid)) return text.trim()
  }
  const key = generateSigningKey()
  const text = formatSigningKey(key)
  if (file !== null) await writeFile(file, `${text}\n`, { mode: 0o600 })
  await addSigningKey(db, key)
  return text
}
