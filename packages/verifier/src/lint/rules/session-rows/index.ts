import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { mentionedRelations } from '../../../graph/mentioned-relations.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** What a session keeps is there for the tenant that has the connection next. */
export const sessionRows: CatalogRule = {
  kind: 'catalog',
  id: 'session-rows',
  title: 'A function keeps tenant rows in the session, past the transaction.',
  check: (input) =>
    input.catalog.functions.flatMap((fn) => {
      if (fn.extension !== null || fn.schema === 'watertight') return []
      const tables = [...mentionedRelations(input.catalog, fn)].filter((name) =>
        input.tables.isProtected(name),
      )
      const callers = callersOf(input, fn)
      if (tables.length === 0 || callers.length === 0) return []
      const store = storeOf(words(fn.body))
      if (store === null) return []
      const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
      return [
        makeFinding({
          rule: 'session-rows',
          severity: 'warning',
          object: name.text,
          related: tables,
          message: `${name.text} works on ${listed(tables)} and keeps what it read in ${store}, which outlives the transaction: on a pooled connection the next tenant finds it, and no policy applies to it.`,
          evidence: { roles: callers, tables, store },
          remedy:
            'Make temporary tables with ON COMMIT DROP, leave out WITH HOLD, and pass true as the third argument of set_config().',
        }),
      ]
    }),
}

function callersOf(input: LintInput, fn: FunctionInfo): readonly string[] {
  return input.roles.map(({ name }) => name).filter((role) => input.access.canExecute(role, fn))
}

/** Tokens of a body, those of the SQL in its strings too. */
function words(text: string): readonly Token[] {
  return tokenize(text).flatMap((token) =>
    token.kind === 'string' && /\s/.test(token.text) ? [token, ...tokenize(token.text)] : [token],
  )
}

/** What outlives the transaction; null when nothing does. */
function storeOf(tokens: readonly Token[]): string | null {
  const texts = tokens.map(({ kind, text }) => (kind === 'string' ? '' : text))
  for (const [index, text] of texts.entries()) {
    if (text === 'with' && texts[index + 1] === 'hold') return 'a cursor WITH HOLD'
    if (text === 'create' && makesTable(texts.slice(index + 1)) && !isEmptied(texts)) {
      return 'a temporary table'
    }
    if (text === 'set_config' && keepsQuery(texts.slice(index + 1)))
      return 'a setting of the session'
  }
  return null
}

/** `create temporary table …` without `on commit drop` or `on commit delete rows`. */
function makesTable(rest: readonly string[]): boolean {
  const start = /^(global|local)$/.test(rest[0] ?? '') ? 1 : 0
  if (!/^(temp|temporary)$/.test(rest[start] ?? '') || rest[start + 1] !== 'table') return false
  const end = rest.indexOf(';')
  const statement = rest.slice(0, end < 0 ? rest.length : end).join(' ')
  return !/\bon commit (drop|delete rows)\b/.test(statement)
}

/** The body itself throws away what is in temporary tables. */
function isEmptied(texts: readonly string[]): boolean {
  return /\b(drop table|truncate|discard (all|temp|temporary))\b/.test(texts.join(' '))
}

/** `set_config(name, …(select …)…, false)`. */
function keepsQuery(rest: readonly string[]): boolean {
  let depth = 0
  for (const [index, text] of rest.entries()) {
    if (text === '(') depth += 1
    if (text === ')') depth -= 1
    if (depth > 0) continue
    const call = rest.slice(0, index)
    return call.at(-1) === 'false' && call.at(-2) === ',' && call.includes('select')
  }
  return false
}
