import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** PostgreSQL computes an IMMUTABLE call once, when it plans, and keeps the answer in the plan. */
export const immutableContextFunction: CatalogRule = {
  kind: 'catalog',
  id: 'immutable-context-function',
  title: 'A function that reads the tenant context is declared IMMUTABLE.',
  check: ({ catalog }) => {
    const context = contextFunctions(catalog.functions)
    return catalog.functions.flatMap((fn) => {
      if (fn.volatility !== 'immutable' || fn.extension !== null) return []
      if (fn.schema === 'watertight' || !readsContext(fn.body, context)) return []
      const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
      const users = usersOf(catalog, fn)
      return [
        makeFinding({
          rule: 'immutable-context-function',
          severity: users.length > 0 ? 'error' : 'warning',
          object: name.text,
          related: users,
          message:
            users.length > 0
              ? `${name.text} reads the tenant context and is declared IMMUTABLE: a prepared statement keeps the tenant that it was planned for, so that ${listed(users)} shows that tenant's rows to the next one.`
              : `${name.text} reads the tenant context and is declared IMMUTABLE: its answer is kept in plans.`,
          evidence: { usedBy: users },
          ...(isStored(catalog, fn)
            ? {
                remedy: `Drop the indexes and generated columns that call it, then declare it STABLE.`,
              }
            : {
                fix: sql`alter ${trustedSql(fn.kind === 'procedure' ? 'procedure' : 'function')} ${name} stable;`
                  .text,
              }),
        }),
      ]
    })
  },
}

/** Tables whose policies, and views whose query, call the function. */
function usersOf(catalog: CatalogSnapshot, fn: FunctionInfo): readonly string[] {
  const calls = (text: string | null): boolean =>
    text !== null && calledFunctions(tokenize(text)).includes(fn.name)
  return catalog.relations
    .filter(
      (relation) =>
        calls(relation.definition) ||
        relation.policies.some(({ using, withCheck }) => calls(using) || calls(withCheck)),
    )
    .map((relation) => objectName(relation))
}

/** Indexes, generated columns and partition keys keep answers of the function; they need it IMMUTABLE. */
function isStored(catalog: CatalogSnapshot, fn: FunctionInfo): boolean {
  return catalog.relations
    .flatMap(({ indexes, columns, partitionKey }) => [
      ...indexes.map(({ definition }) => definition),
      ...columns.flatMap(({ generated, defaultExpression }) =>
        generated === null ? [] : [defaultExpression],
      ),
      partitionKey,
    ])
    .some((text) => text !== null && calledFunctions(tokenize(text)).includes(fn.name))
}
