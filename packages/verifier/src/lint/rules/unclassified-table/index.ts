import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { mayDependOnContext } from '../../../expr/depends-on-context.js'
import { isLiterallyFalse } from '../../../expr/mentions.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
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
  check: (input) => [
    ...input.tables.tables.flatMap((table) =>
      table.scope === null ? findings(input, table.relation, 'inside') : [],
    ),
    ...outsideTables(input).flatMap((relation) => findings(input, relation, 'outside')),
  ],
}

/** `outside`: in a schema that the model leaves alone, where only what is open is said. */
function findings(
  input: LintInput,
  relation: Relation,
  place: 'inside' | 'outside',
): readonly Finding[] {
  const name = objectName(relation)
  const reaching = reachOf(input, relation)
  const open = reaching
    .filter(({ role, commands }) => commands.some((each) => isOpen(input, relation, role, each)))
    .map(({ role }) => role)
  const views = open.length > 0 ? [] : viewsOf(input, name)
  const isClosed = open.length === 0 && views.length === 0
  if (isClosed && (place === 'outside' || reaching.length === 0)) return []
  const through = [...new Set(views.flatMap(({ roles }) => roles))]
  const roles = [...new Set([...reaching.map(({ role }) => role), ...through])]
  const { column } = input.model.tenantKey
  const isCopy = open.length > 0 && relation.columns.some((each) => each.name === column)
  const nature =
    place === 'outside'
      ? `${name}${isCopy ? `, with the column ${column},` : ''} is in a schema that the model leaves alone`
      : `${name} is not declared, has no tenant column`
  const says = isClosed
    ? `${name} is not declared and has no tenant column; its policies depend on the context, but nothing says what they should admit.`
    : open.length > 0
      ? `${nature} and ${listed(open)} reaches all of its rows: declare it global, or say whose rows it holds.`
      : `${nature} and ${listed(through)} reaches its rows through ${listed(views.map(({ view }) => view))}: declare it global, or say whose rows it holds.`
  const isOwnAffair = place === 'outside' && views.length === 0 && !isPointedTo(input, relation)
  return [
    makeFinding({
      rule: 'unclassified-table',
      severity: isCopy ? 'error' : isClosed || isOwnAffair ? 'info' : 'warning',
      object: name,
      message: says,
      evidence: { roles, views: views.map(({ view }) => view) },
      remedy: `Declare the scope of ${name} in the model${place === 'outside' ? `, or revoke what ${listed(roles)} may do` : ''}.`,
    }),
  ]
}

const tableKinds: ReadonlySet<string> = new Set(['table', 'partitioned-table', 'foreign-table'])

/** Tables that the model says nothing of, not even by their schema: of a platform, of an extension. */
function outsideTables({ catalog, tables }: LintInput): readonly Relation[] {
  return catalog.relations.filter(
    (relation) =>
      tableKinds.has(relation.kind) &&
      relation.persistence !== 'temporary' &&
      relation.schema !== 'watertight' &&
      !/^(pg_|information_schema$)/.test(relation.schema) &&
      tables.get(objectName(relation)) === undefined,
  )
}

/** Rows of the model's tables point to its rows, as to those of the users of a platform. */
function isPointedTo({ tables }: LintInput, { schema, name }: Relation): boolean {
  return tables.tables.some(({ relation }) =>
    relation.constraints.some(
      ({ references }) => references?.schema === schema && references.name === name,
    ),
  )
}

/** No policy binds the role, or one admits rows whatever the context is. */
function isOpen(
  { access, catalog }: LintInput,
  relation: Relation,
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
  name: string,
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
