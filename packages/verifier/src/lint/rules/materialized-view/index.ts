import { makeFinding } from '../../../findings/index.js'
import { exposedTables } from '../../../graph/exposed-tables.js'
import { objectName } from '../../../graph/object-name.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** A materialised view stores rows of every tenant, and Row Level Security cannot cover it. */
export const materializedView: CatalogRule = {
  kind: 'catalog',
  id: 'materialized-view',
  title: 'A reachable materialised view holds the rows of every tenant.',
  check: (input) =>
    input.catalog.relations
      .filter((relation) => relation.kind === 'materialized-view')
      .flatMap((view) => {
        const exposed = exposedTables(view, input.catalog, input.access, input.tables)
        const roles = reachOf(input, view).map(({ role }) => role)
        if (exposed.length === 0 || roles.length === 0) return []
        const names = exposed.map(({ table }) => table)
        return [
          makeFinding({
            rule: 'materialized-view',
            severity: 'error',
            object: objectName(view),
            related: names,
            message: `Materialised view ${objectName(view)} stores rows of ${listed(names)}; it cannot have policies, so ${listed(roles)} sees the rows of every tenant.`,
            evidence: { reads: exposed, roles },
            remedy: `Have ${listed(roles)} read ${objectName(view)} through a security_barrier view that compares its tenant column with the context, and take the grants on it back.`,
          }),
        ]
      }),
}
