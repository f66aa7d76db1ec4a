import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import { mentionedWords } from './mentioned-relations.js'

/** What a rollback does not undo, or what waits for others. */
const lasting: ReadonlySet<string> = new Set([
  'program',
  'lo_export',
  'lo_import',
  'nextval',
  'pg_advisory_lock',
  'pg_advisory_lock_shared',
  'pg_cancel_backend',
  'pg_file_write',
  'pg_logical_emit_message',
  'pg_log_backend_memory_contexts',
  'pg_promote',
  'pg_reload_conf',
  'pg_rotate_logfile',
  'pg_sleep',
  'pg_sleep_for',
  'pg_sleep_until',
  'pg_switch_wal',
  'pg_terminate_backend',
  'pg_try_advisory_lock',
  'pg_try_advisory_lock_shared',
  'pg_stat_reset',
  'setval',
])

/** Extensions whose functions only compute. */
const computing: ReadonlySet<string> = new Set([
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'seg',
  'tablefunc',
  'unaccent',
  'uuid-ossp',
  'vector',
])

/**
 * A call of the function in a transaction that is rolled back leaves nothing behind: it and all that
 * it may call is SQL or PL/pgSQL and mentions nothing that reaches outside the transaction.
 */
export function isCallSafe(catalog: CatalogSnapshot, fn: FunctionInfo): boolean {
  const words = mentionedWords(catalog, fn)
  if ([...words].some((word) => lasting.has(word))) return false
  const called = catalog.functions.filter(
    (other) => other === fn || words.has(other.name.toLowerCase()),
  )
  return called.every((other) =>
    other.extension === null
      ? other.language === 'sql' || other.language === 'plpgsql'
      : computing.has(other.extension),
  )
}
