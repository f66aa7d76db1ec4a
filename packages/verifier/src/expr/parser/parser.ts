import { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync, scanSync } from 'libpg-query'
import type { Node, ScanToken } from 'libpg-query'
import { WatertightError } from 'watertight/errors'
import { maxNesting, nestingOf } from './nesting.js'

/** A statement with its place in the text, in bytes of UTF-8. */
export interface RawStatement {
  readonly node: Node
  readonly start: number
  /** Zero when the statement reaches to the end of the text. */
  readonly length: number
}

let loaded = false

/** Loads PostgreSQL's parser. The functions that parse work synchronously once this resolved. */
export async function loadParser(): Promise<void> {
  await loadModule()
  loaded = true
}

/**
 * The statements of a SQL text as PostgreSQL's grammar sees them.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parseStatements(text: string): readonly RawStatement[] {
  check(text)
  // The parser's bindings refuse the empty string, which is no statement to PostgreSQL.
  if (text.trim() === '') return []
  const { stmts = [] } = guarded(() => parseSync(text))
  return stmts.flatMap(({ stmt, stmt_location = 0, stmt_len = 0 }) =>
    stmt === undefined ? [] : [{ node: stmt, start: stmt_location, length: stmt_len }],
  )
}

/**
 * PostgreSQL's own reading of a `CREATE FUNCTION … LANGUAGE plpgsql` statement, as untyped data.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parsePlpgsqlTree(createFunction: string): unknown {
  check(createFunction)
  return guarded<unknown>(() => parsePlPgSQLSync(createFunction))
}

/**
 * The tokens of a text; places count bytes of UTF-8.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function scanTokens(text: string): readonly ScanToken[] {
  return guarded(() => scanSync(text)).tokens
}

function check(text: string): void {
  if (!loaded) {
    throw new WatertightError('PARSER_NOT_LOADED', 'the SQL parser is not loaded', {
      hint: 'await loadParser() first',
    })
  }
  // SECURITY: the parser reads up to the first NUL, so what follows would go unseen; half a
  // surrogate pair has no UTF-8.
  if (/[\0\p{Cs}]/u.test(text)) {
    throw new WatertightError('UNPARSABLE_SQL', 'the text holds a NUL or half a surrogate pair')
  }
  if (text.length > maxNesting && nestingOf(scanTokens(text)) > maxNesting) {
    throw new WatertightError('UNPARSABLE_SQL', `nested deeper than ${maxNesting} levels`)
  }
}

function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const at = hasSqlDetails(cause) ? ` (character ${cause.sqlDetails?.cursorPosition ?? 0})` : ''
    throw new WatertightError('UNPARSABLE_SQL', `PostgreSQL cannot parse it: ${reason}${at}`, {
      cause,
    })
  }
}
