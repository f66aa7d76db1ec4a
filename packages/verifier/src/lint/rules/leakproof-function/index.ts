import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** Policies do not run before functions that are declared LEAKPROOF. */
export const leakproofFunction: CatalogRule = {
  kind: 'catalog',
  id: 'leakproof-function',
  title: 'A function that can tell what it is shown is declared LEAKPROOF.',
  check: (input) =>
    input.catalog.functions.flatMap((fn) => {
      if (!fn.leakproof || fn.extension !== null || onlyCompares(fn)) return []
      if (fn.language === 'internal') return []
      const callers = input.roles
        .map(({ name }) => name)
        .filter((role) => input.access.canExecute(role, fn))
      if (callers.length === 0) return []
      const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
      return [
        makeFinding({
          rule: 'leakproof-function',
          severity: 'error',
          object: name.text,
          message: `${name.text} is declared LEAKPROOF, so that PostgreSQL may run it on rows before their policies, but its body can fail or write: ${listed(callers)} can have it show rows of every tenant.`,
          evidence: { language: fn.language, roles: callers },
          fix: sql`alter function ${name} not leakproof;`.text,
        }),
      ]
    }),
}

const comparing =
  /^(select|and|or|not|is|null|true|false|distinct|from|return|[=<>.();$,]|<>|<=|>=|!=)$/

/** A body of comparisons between arguments alone: it cannot fail and calls nothing. */
function onlyCompares(fn: FunctionInfo): boolean {
  if (fn.language !== 'sql') return false
  const tokens = tokenize(fn.body)
  return tokens.every((token, index) => {
    if (token.kind !== 'name' || token.quoted)
      return token.kind !== 'symbol' || comparing.test(token.text)
    return comparing.test(token.text) || tokens[index + 1]?.text !== '('
  })
}
