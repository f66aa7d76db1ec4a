import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { Access } from './access.js'
import type { Classification } from './classify.js'
import { objectName } from './object-name.js'

/** A table with tenant rows that is read past its policies, and the role that reads it. */
export interface ExposedTable {
  readonly table: string
  readonly as: string
}

/** The view runs its query with the rights of whoever asks. */
export function isSecurityInvoker(relation: Relation): boolean {
  return isOn(relation, 'security_invoker')
}

function isOn(relation: Relation, option: string): boolean {
  const value = relation.options[option] ?? 'false'
  return ['true', 'on', 'yes', '1'].includes(value.toLowerCase())
}

/**
 * Tables with tenant rows that a view or materialised view reads, through any nesting, as a role
 * that their policies do not bind. Reads with the caller's own rights are left out. What a
 * materialised view stores counts even where policies bind its owner: they let through what the
 * context of whoever refreshed it saw, and everybody reads that.
 */
export function exposedTables(
  view: Relation,
  catalog: CatalogSnapshot,
  access: Access,
  tables: Classification,
): readonly ExposedTable[] {
  const found = new Map<string, ExposedTable>()
  const seen = new Set<string>()

  const visit = (relation: Relation, as: string | null, isStored: boolean): void => {
    const state = `${objectName(relation)} ${as ?? ''} ${isStored}`
    if (seen.has(state)) return
    seen.add(state)
    for (const read of relation.reads) {
      const target = findRelation(catalog, read.schema, read.name)
      if (target === undefined) continue
      const name = objectName(target)
      if (target.kind === 'view') {
        visit(target, isSecurityInvoker(target) ? as : target.owner, isStored)
      } else if (target.kind === 'materialized-view') {
        // The stored rows were read when it was refreshed, as its owner, whoever asks now.
        visit(target, target.owner, true)
      } else if (as !== null && tables.isProtected(name)) {
        if (!isStored && target.rls.enabled && !access.bypassesRls(as, target)) continue
        found.set(name, { table: name, as })
      }
    }
  }

  const invoker = view.kind === 'view' && isSecurityInvoker(view)
  visit(view, invoker ? null : view.owner, view.kind === 'materialized-view')
  return [...found.values()]
}
