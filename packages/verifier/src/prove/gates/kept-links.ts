import type { Constraint } from 'watertight/catalog'
import type { ClassifiedTable, ParentLink } from '../../graph/classify.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import { decide } from '../decide.js'
import type { Subject } from '../encode/encoding.js'
import { rowHop } from '../properties/row-hop.js'
import { tenantWrite } from '../properties/tenant-write.js'
import type { Solver } from '../solver.js'
import { catalogDecision } from './catalog-facts.js'
import { openLinks } from './foreign-keys.js'
import { otherRoles } from './other-roles.js'

/**
 * Foreign keys beside the one that gives a child its tenant, whose parent every policy for writing holds
 * to the context's tenants as well: what such a key deletes or changes along is the context's own.
 */
export async function keptLinks(
  subject: Subject,
  declared: readonly RuntimeRoleName[],
  solver: Solver,
): Promise<ReadonlySet<Constraint>> {
  const kept = new Set<Constraint>()
  for (const { child, parent, constraint } of openLinks(subject.tables)) {
    const roles = [...declared.map(({ name }) => name), ...otherRoles(subject, child, declared)]
    const through: ParentLink = {
      parent,
      columns: constraint.columns,
      parentColumns: constraint.references?.columns ?? [],
    }
    if (await isKept(subject, { ...child, through }, roles, solver)) kept.add(constraint)
  }
  return kept
}

async function isKept(
  subject: Subject,
  table: ClassifiedTable,
  roles: readonly string[],
  solver: Solver,
): Promise<boolean> {
  for (const role of roles) {
    for (const actor of [role, ...subject.access.closure(role).reachable]) {
      for (const property of [tenantWrite, rowHop]) {
        const command = property === tenantWrite ? 'INSERT' : 'UPDATE'
        const obligation = { table, role, actor, command } as const
        const known = catalogDecision(subject, obligation)
        const { verdict } = known ?? (await decide(subject, property, obligation, solver))
        if (verdict !== 'proven') return false
      }
    }
  }
  return true
}
