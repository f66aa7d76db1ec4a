import { findRelation } from 'watertight/catalog'
import type { Relation } from 'watertight/catalog'
import { qualifiedName, sql } from 'watertight/sql'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { makeFinding } from '../../../findings/index.js'
import { exposedTables, isSecurityInvoker } from '../../../graph/exposed-tables.js'
import { objectName } from '../../../graph/object-name.js'
import { sees } from '../../fix-predicate.js'
import { listed, reachOf } from '../../reach.js'
import type { Reach } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A view that a runtime role can use reads tenant rows as an owner whom policies do not bind. */
export const viewOwnerRights: CatalogRule = {
  kind: 'catalog',
  id: 'view-owner-rights',
  title: 'A reachable view reads tenant rows with the rights of its owner.',
  check: (input) => {
    const context = contextFunctions(input.catalog.functions)
    return input.catalog.relations
      .filter((relation) => relation.kind === 'view')
      .flatMap((view) => {
        const exposed = exposedTables(view, input.catalog, input.access, input.tables)
        const roles = reachOf(input, view).filter(
          ({ kind }) => kind !== 'public' || !exposed.every(({ table }) => isPublic(input, table)),
        )
        if (exposed.length === 0 || roles.length === 0) return []
        const names = exposed.map(({ table }) => table)
        const filters = isFiltered(input, view, context)
        return [
          makeFinding({
            rule: 'view-owner-rights',
            severity: filters ? 'info' : 'error',
            object: objectName(view),
            related: names,
            message: filters
              ? `View ${objectName(view)} reads ${listed(names)} as ${exposed[0]?.as ?? view.owner}, past their policies; only the condition in the view itself keeps tenants apart.`
              : `View ${objectName(view)} reads ${listed(names)} as ${exposed[0]?.as ?? view.owner}, past their policies: ${listed(roles.map(({ role }) => role))} sees the rows of every tenant.`,
            evidence: { owner: view.owner, reads: exposed, roles: roles.map(({ role }) => role) },
            ...fixOf(input, view, roles),
          }),
        ]
      })
  },
}

/** Only where every role can read all that the view reads does it show them the same as before. */
function fixOf(
  input: LintInput,
  view: Relation,
  roles: readonly Reach[],
): { fix: string } | { remedy: string } {
  const name = qualifiedName(view.schema, view.name)
  const missing = roles.filter(({ role }) => !canReadAll(input, role, view))
  if (missing.length > 0) {
    return {
      remedy: `Set security_invoker on the view, once ${listed(missing.map(({ role }) => role))} may read the tables under it and their policies say whose rows it sees; or compare the tenant with the context in the view and set security_barrier.`,
    }
  }
  return { fix: sql`alter view ${name} set (security_invoker = true);`.text }
}

/** The view asks for the context, or with its reader's rights reads through views that do. */
function isFiltered(
  input: LintInput,
  view: Relation,
  context: ReturnType<typeof contextFunctions>,
  trail: readonly Relation[] = [],
): boolean {
  if (readsContext(view.definition ?? '', context)) return true
  if (!isSecurityInvoker(view) || trail.includes(view)) return false
  return view.reads.every(({ schema, name }) => {
    const read = findRelation(input.catalog, schema, name)
    if (read === undefined || (read.kind !== 'view' && read.kind !== 'materialized-view')) {
      return true
    }
    const exposed = exposedTables(read, input.catalog, input.access, input.tables)
    return (
      exposed.length === 0 ||
      (read.kind === 'view' && isFiltered(input, read, context, [...trail, view]))
    )
  })
}

function isPublic(input: LintInput, table: string): boolean {
  return (input.tables.get(table)?.public ?? null) !== null
}

function canReadAll(input: LintInput, role: string, view: Relation): boolean {
  return view.reads.every(({ schema, name }) => {
    const relation = input.catalog.relations.find(
      (entry) => entry.schema === schema && entry.name === name,
    )
    if (relation === undefined || relation === view) return relation === view
    const readable = input.access.columns(role, 'SELECT', relation)
    return readable.length === relation.columns.length && sees(input, role, relation)
  })
}
