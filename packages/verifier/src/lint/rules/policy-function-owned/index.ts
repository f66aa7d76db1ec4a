import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Who owns a function may give it another body, and every policy that calls it follows. */
export const policyFunctionOwned: CatalogRule = {
  kind: 'catalog',
  id: 'policy-function-owned',
  title: 'A runtime role may replace a function that policies rely on.',
  check: (input) =>
    input.catalog.functions.flatMap((fn) => {
      if (fn.extension !== null) return []
      const roles = input.roles
        .map(({ name }) => name)
        .filter((role) => input.access.canOwn(role, fn) && !input.access.isSuperuser(role))
      const tables = roles.length === 0 ? [] : usersOf(input, fn)
      if (tables.length === 0) return []
      const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
      return [
        makeFinding({
          rule: 'policy-function-owned',
          severity: 'error',
          object: name.text,
          related: tables,
          message: `${listed(roles)} is, or can become, the owner of ${name.text}: CREATE OR REPLACE makes the policies of ${listed(tables)} say whatever it likes.`,
          evidence: { roles, owner: fn.owner, tables },
          remedy: `Give ${name.text} to a role that ${listed(roles)} is no member of, and keep EXECUTE granted.`,
        }),
      ]
    }),
}

/** Protected tables whose policies call the function, or may. */
function usersOf(input: LintInput, fn: FunctionInfo): readonly string[] {
  const calls = (text: string | null): boolean =>
    text !== null && calledFunctions(tokenize(text)).includes(fn.name)
  return input.tables.tables
    .filter(
      ({ name, relation }) =>
        input.tables.isProtected(name) &&
        relation.rls.enabled &&
        relation.policies.some(({ using, withCheck }) => calls(using) || calls(withCheck)),
    )
    .map(({ name }) => name)
}
