import type { Constraint } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { Classification, ClassifiedTable } from '../../graph/classify.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import type { Subject } from '../encode/encoding.js'

/**
 * A foreign key that changes rows of one tenant along with rows of another: its actions run past
 * all policies, and only a key that includes the tenant stays inside it.
 */
export function foreignKeyDoor(
  subject: Subject,
  table: ClassifiedTable,
  command: Command,
): string | undefined {
  for (const { child, parent, constraint } of openKeys(subject.tables)(table.name)) {
    if (parent === table.name && changesChildren(constraint, command)) {
      return `the foreign key ${constraint.name} of ${child} changes rows of other tenants along with this table's; include the tenant's column in the key, or let it have no action`
    }
    if (child === table.name && changesWithParent(constraint, command)) {
      return `the foreign key ${constraint.name} changes rows along with another tenant's ${parent}; include the tenant's column in the key, or let it have no action`
    }
  }
  return undefined
}

interface OpenKey {
  /** Names of the tables at the two ends. */
  readonly child: string
  readonly parent: string
  readonly constraint: Constraint
}

/** Keys at either end of a table with an action that may cross tenants. */
const openKeys: (tables: Classification) => (table: string) => readonly OpenKey[] = oncePer(
  (tables) => {
    const byTable = new Map<string, OpenKey[]>()
    for (const child of tables.tables) {
      for (const constraint of child.relation.constraints) {
        const { references } = constraint
        const acts = isAction(references?.onDelete) || isAction(references?.onUpdate)
        if (references === null || !acts || !staysOpen(tables, child, constraint)) continue
        const key = { child: child.name, parent: objectName(references), constraint }
        for (const end of new Set([key.child, key.parent])) {
          byTable.set(end, [...(byTable.get(end) ?? []), key])
        }
      }
    }
    return (table) => byTable.get(table) ?? []
  },
)

/** Both ends have a tenant, and the key does not say that it is the same. */
function staysOpen(
  tables: Classification,
  child: ClassifiedTable,
  { references, columns }: Constraint,
): boolean {
  if (references === null || child.tenantColumn === null) return false
  const parent = tables.get(objectName(references))
  if (parent === undefined || parent.tenantColumn === null) return false
  const at = references.columns.indexOf(parent.tenantColumn)
  return at < 0 || columns[at] !== child.tenantColumn
}

function changesChildren({ references }: Constraint, command: Command): boolean {
  const [onDelete, onUpdate] = [isAction(references?.onDelete), isAction(references?.onUpdate)]
  return command === 'DELETE' ? onDelete : command === 'UPDATE' && (onDelete || onUpdate)
}

function changesWithParent({ references }: Constraint, command: Command): boolean {
  if (command === 'DELETE') return references?.onDelete === 'cascade'
  const sets = references?.onDelete === 'set null' || references?.onDelete === 'set default'
  return command === 'UPDATE' && (sets || isAction(references?.onUpdate))
}

function isAction(action: string | undefined): boolean {
  return action === 'cascade' || action === 'set null' || action === 'set default'
}
