import type { Relation } from 'watertight/catalog'
import { qualifiedName, sql } from 'watertight/sql'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { exposedTables } from '../../../graph/exposed-tables.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** The planner may show rows to a caller's function before the view's own condition hides them. */
export const viewWithoutBarrier: CatalogRule = {
  kind: 'catalog',
  id: 'view-without-barrier',
  title: 'A view that filters by the context itself is no security barrier.',
  check: (input) => {
    const context = contextFunctions(input.catalog.functions)
    return input.catalog.relations.flatMap((view) => {
      if (view.kind !== 'view' || isOn(view, 'security_barrier') || isClosed(view)) return []
      if (!readsContext(view.definition ?? '', context)) return []
      const exposed = exposedTables(view, input.catalog, input.access, input.tables)
      const roles = input.roles
        .map(({ name }) => name)
        .filter((role) => input.access.can(role, 'SELECT', view) && !input.access.isSuperuser(role))
      if (exposed.length === 0 || roles.length === 0) return []
      const names = exposed.map(({ table }) => table)
      return [
        makeFinding({
          rule: 'view-without-barrier',
          severity: 'error',
          object: objectName(view),
          command: 'SELECT',
          related: names,
          message: `View ${objectName(view)} hides rows of ${listed(names)} by a condition of its own but is no security barrier: a cheap function in the query of ${listed(roles)} runs on the hidden rows first, and tells what it is given.`,
          evidence: { reads: exposed, roles },
          fix: sql`alter view ${qualifiedName(view.schema, view.name)} set (security_barrier = true);`
            .text,
        }),
      ]
    })
  },
}

function isOn(view: Relation, option: string): boolean {
  return ['true', 'on', 'yes', '1'].includes((view.options[option] ?? 'false').toLowerCase())
}

const closing: ReadonlySet<string> = new Set([
  'group',
  'distinct',
  'limit',
  'offset',
  'having',
  'over',
  'union',
])

/** Conditions of a caller are not moved below these (manual, section 41.5). */
function isClosed(view: Relation): boolean {
  return tokenize(view.definition ?? '').some(
    ({ kind, quoted, text }) => kind === 'name' && !quoted && closing.has(text),
  )
}
