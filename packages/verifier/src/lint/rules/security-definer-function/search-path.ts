import type { FunctionInfo } from 'watertight/catalog'
import { tokenize } from '../../../expr/tokens.js'

/**
 * Whether a caller can slip objects in front of those a function means. PostgreSQL searches
 * `pg_temp` first for tables unless it is listed (manual, section 20.11.1).
 */
export function searchPathOf(fn: FunctionInfo): 'pinned' | 'without-pg-temp' | 'of-caller' {
  const setting = fn.settings['search_path']
  if (setting === undefined) return 'of-caller'
  const parts = setting
    .split(',')
    .map((part) => part.trim().replaceAll('"', ''))
    .filter((part) => part !== '')
  if (parts.length === 0) return 'pinned'
  return parts.at(-1) === 'pg_temp' ? 'pinned' : 'without-pg-temp'
}

const introducers: ReadonlySet<string> = new Set([
  'from',
  'join',
  'into',
  'update',
  'only',
  'table',
])

/** The body names one of these relations without a schema. */
export function hasUnqualifiedRelation(body: string, relations: ReadonlySet<string>): boolean {
  const tokens = tokenize(body)
  return tokens.some(
    (token, index) =>
      token.kind === 'name' &&
      relations.has(token.text) &&
      introducers.has(tokens[index - 1]?.text ?? '') &&
      tokens[index + 1]?.text !== '.' &&
      tokens[index + 1]?.text !== '(',
  )
}
