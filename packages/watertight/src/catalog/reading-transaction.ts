import type { Queryable } from '../sql/index.js'
import { onlyRow } from './documents.js'
import { applyReadingSettingsQuery, restoreSettingsQuery } from './queries/reading-settings.js'

/**
 * Runs `read` in one read-only snapshot with settings under which PostgreSQL prints the same text
 * for everybody. Inside a transaction of the caller (`isInside`) it uses that one and puts the settings back.
 */
export async function inReadingTransaction<T>(
  db: Queryable,
  isInside: boolean,
  read: () => Promise<T>,
): Promise<T> {
  if (isInside) {
    const previous = await applySettings(db)
    const result = await read()
    await db.query(restoreSettingsQuery.text, [previous])
    return result
  }
  await db.query('begin isolation level repeatable read read only')
  try {
    await applySettings(db)
    const result = await read()
    await db.query('commit')
    return result
  } catch (error) {
    await db.query('rollback').catch(() => undefined)
    throw error
  }
}

async function applySettings(db: Queryable): Promise<string> {
  return onlyRow((await db.query<{ previous: string }>(applyReadingSettingsQuery.text)).rows)
    .previous
}
