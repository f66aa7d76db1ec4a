import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { contextSettings } from '../../context-settings.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** A setting of the session outlives the transaction, and so the request. */
export const sessionLevelContext: CatalogRule = {
  kind: 'catalog',
  id: 'session-level-context',
  title: 'A function sets the tenant context for the whole session.',
  check: (input) => {
    const settings = new Set(contextSettings(input.model))
    return input.catalog.functions.flatMap((fn) => {
      if (fn.extension !== null || fn.schema === 'watertight') return []
      const set = sessionSettings(tokenize(fn.body)).filter((name) => settings.has(name))
      const callers = input.roles
        .map(({ name }) => name)
        .filter((role) => input.access.canExecute(role, fn))
      if (set.length === 0 || callers.length === 0) return []
      const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
      return [
        makeFinding({
          rule: 'session-level-context',
          severity: 'warning',
          object: name.text,
          related: set,
          message: `${name.text} sets ${listed(set)} for the session, not the transaction: on a pooled connection the next request starts as the last one's tenant.`,
          evidence: { settings: set, roles: callers },
          remedy:
            'Pass true as the third argument of set_config(), inside the transaction of the request.',
        }),
      ]
    })
  },
}

/** Names given to `set_config(name, …, false)`, in order. */
function sessionSettings(tokens: readonly Token[]): readonly string[] {
  const found = new Set<string>()
  for (const [index, token] of tokens.entries()) {
    if (token.text !== 'set_config' || tokens[index + 1]?.text !== '(') continue
    const name = tokens[index + 2]
    const end = closing(tokens, index + 1)
    const isSession = tokens[end - 1]?.text === 'false' && tokens[end - 2]?.text === ','
    if (name?.kind === 'string' && isSession) found.add(name.text.toLowerCase())
  }
  return [...found]
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let index = open; index < tokens.length; index += 1) {
    if (tokens[index]?.text === '(') depth += 1
    if (tokens[index]?.text === ')') depth -= 1
    if (depth === 0) return index
  }
  return tokens.length
}
