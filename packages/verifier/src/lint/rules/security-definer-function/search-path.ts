import type { FunctionInfo } from 'watertight/catalog'
import { ident, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import type { LintInput } from '../../rule.js'

/**
 * Whether a caller can slip objects in front of those a function means. PostgreSQL searches
 * `pg_temp` first for tables unless it is listed (manual, section 20.11.1).
 */
export function searchPathOf(fn: FunctionInfo): 'pinned' | 'without-pg-temp' | 'of-caller' {
  const setting = fn.settings['search_path']
  if (setting === undefined) return 'of-caller'
  const parts = schemasOf(setting)
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

function schemasOf(setting: string): readonly string[] {
  return setting
    .split(',')
    .map((part) => part.trim().replaceAll('"', ''))
    .filter((part) => part !== '')
}

/**
 * Schemas that the function searches and that one of the callers can make objects in; with the
 * search_path of the caller that is every schema.
 */
export function writableSchemas(
  input: LintInput,
  fn: FunctionInfo,
  callers: readonly string[],
): readonly string[] {
  const setting = fn.settings['search_path']
  const searched = setting === undefined ? null : new Set(schemasOf(setting))
  return input.catalog.schemas
    .filter(({ name }) => searched?.has(name) ?? true)
    .filter(({ owner, acl }) =>
      callers.some((role) => {
        const { reachable } = input.access.closure(role)
        const creates = acl.some(
          ({ privilege, isPublic, grantee }) =>
            privilege === 'CREATE' && (isPublic || reachable.has(grantee)),
        )
        return creates || reachable.has(owner)
      }),
    )
    .map(({ name }) => name)
}

/** The body calls something without saying in which schema it is. */
export function hasUnqualifiedCall(body: string): boolean {
  const tokens = tokenize(body)
  const called = new Set(calledFunctions(tokens))
  return tokens.some(
    (token, index) =>
      token.kind === 'name' &&
      called.has(token.text) &&
      tokens[index + 1]?.text === '(' &&
      tokens[index - 1]?.text !== '.' &&
      !syntax.has(token.text),
  )
}

/**
 * A path with all that the body relies on and pg_temp last, where it cannot shadow anything; null
 * when part of it is in a schema that callers can fill.
 */
export function pinnedPath(
  input: LintInput,
  fn: FunctionInfo,
  writable: readonly string[],
): Sql | null {
  const own = [...schemasNamed(input, fn)]
  const setting = fn.settings['search_path']
  const listedNow =
    setting === undefined || setting.includes('$user') ? [fn.schema, ...own] : schemasOf(setting)
  const wanted = [...new Set(listedNow)].filter(
    (name) => name !== 'pg_temp' && name !== 'pg_catalog',
  )
  const safe = wanted.filter((name) => !writable.includes(name))
  if (own.some((name) => writable.includes(name))) return null
  return joinSql([sql`pg_catalog`, ...safe.map((name) => ident(name)), sql`pg_temp`])
}

/** Schemas of the relations and functions that the body names without one. */
function schemasNamed(input: LintInput, fn: FunctionInfo): ReadonlySet<string> {
  const { relations, functions } = input.catalog
  const called = new Set(calledFunctions(tokenize(fn.body)))
  return new Set([
    ...relations
      .filter(({ name }) => hasUnqualifiedRelation(fn.body, new Set([name])))
      .map(({ schema }) => schema),
    ...functions
      .filter(({ name, schema }) => called.has(name) && schema !== 'pg_catalog')
      .map(({ schema }) => schema),
  ])
}

/** Words before a parenthesis that are no functions. */
const syntax: ReadonlySet<string> = new Set([
  'and',
  'any',
  'as',
  'by',
  'cast',
  'coalesce',
  'else',
  'exists',
  'from',
  'greatest',
  'if',
  'in',
  'least',
  'not',
  'nullif',
  'on',
  'or',
  'over',
  'return',
  'returning',
  'row',
  'select',
  'some',
  'then',
  'using',
  'values',
  'when',
  'where',
  'with',
])
