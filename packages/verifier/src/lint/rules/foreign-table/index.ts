import { makeFinding } from '../../../findings/index.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** A foreign table cannot have policies: its server gives whatever it is asked for. */
export const foreignTable: CatalogRule = {
  kind: 'catalog',
  id: 'foreign-table',
  title: 'A reachable foreign table holds the rows of every tenant.',
  check: (input) =>
    input.tables.tables.flatMap(({ relation, name }) => {
      if (relation.kind !== 'foreign-table' || !input.tables.isProtected(name)) return []
      const reach = reachOf(input, relation)
      if (reach.length === 0) return []
      const roles = listed(reach.map(({ role }) => role))
      return [
        makeFinding({
          rule: 'foreign-table',
          severity: 'error',
          object: name,
          message: `${name} is a foreign table with rows of every tenant; PostgreSQL has no Row Level Security for it, so ${roles} reaches all of them.`,
          evidence: { roles: reach.map(({ role, commands }) => ({ role, commands })) },
          remedy: `Have ${roles} read ${name} through a security_barrier view that compares the tenant with the context, and take the grants on it back.`,
        }),
      ]
    }),
}
