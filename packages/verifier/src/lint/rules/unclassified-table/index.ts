import type { Command } from 'watertight/model'
import { mayDependOnContext } from '../../../expr/depends-on-context.js'
import { isLiterallyFalse } from '../../../expr/mentions.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { exposedTables } from '../../../graph/exposed-tables.js'
import { objectName } from '../../../graph/object-name.js'
import { decidingExpression } from '../../deciding-expression.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Nothing says whose rows a table holds, so nothing can be said about them. */
export const unclassifiedTable: CatalogRule = {
  kind: 'catalog',
  id: 'unclassified-table',
  title: 'A table is not declared and its rows cannot be told to be a tenant’s or everybody’s.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (table.scope !== null) return []
      const reaching = reachOf(input, table.relation)
      const open = reaching
        .filter(({ role, commands }) => commands.some((each) => isOpen(input, table, role, each)))
        .map(({ role }) => role)
      const views = open.length > 0 ? [] : viewsOf(input, table)
      if (reaching.length === 0 && views.length === 0) return []
      const through = [...new Set(views.flatMap(({ roles }) => roles))]
      const roles = [...new Set([...reaching.map(({ role }) => role), ...through])]
      const says =
        open.length > 0
          ? `${table.name} is not declared, has no tenant column and ${listed(open)} reaches all of its rows: declare it global, or say whose rows it holds.`
          : views.length > 0
            ? `${table.name} is not declared, has no tenant column and ${listed(through)} reaches its rows through ${listed(views.map(({ view }) => view))}: declare it global, or say whose rows it holds.`
            : `${table.name} is not declared and has no tenant column; its policies depend on the context, but nothing says what they should admit.`
      return [
        makeFinding({
          rule: 'unclassified-table',
          severity: open.length > 0 || views.length > 0 ? 'warning' : 'info',
          object: table.name,
          message: says,
          evidence: { roles, views: views.map(({ view }) => view) },
          remedy: `Declare the scope of ${table.name} in the model.`,
        }),
      ]
    }),
}

/** No policy binds the role, or one admits rows whatever the context is. */
function isOpen(
  { access, catalog }: LintInput,
  { relation }: ClassifiedTable,
  role: string,
  command: Command,
): boolean {
  if (!relation.rls.enabled || access.bypassesRls(role, relation)) return true
  return access
    .policies(role, command, relation)
    .filter((policy) => policy.permissive)
    .flatMap((policy) => [
      decidingExpression(policy, command, 'USING'),
      decidingExpression(policy, command, 'WITH CHECK'),
    ])
    .some(
      (decision) =>
        decision !== null &&
        !isLiterallyFalse(decision[1]) &&
        !mayDependOnContext(decision[1], catalog.functions),
    )
}

/** Views that show rows of the table past its policies, and who may read them. */
function viewsOf(
  input: LintInput,
  { name }: ClassifiedTable,
): readonly { readonly view: string; readonly roles: readonly string[] }[] {
  const tables = { ...input.tables, isProtected: (each: string) => each === name }
  return input.catalog.relations
    .filter(({ kind }) => kind === 'view' || kind === 'materialized-view')
    .filter((view) => exposedTables(view, input.catalog, input.access, tables).length > 0)
    .map((view) => ({
      view: objectName(view),
      roles: reachOf(input, view).map(({ role }) => role),
    }))
    .filter(({ roles }) => roles.length > 0)
}
