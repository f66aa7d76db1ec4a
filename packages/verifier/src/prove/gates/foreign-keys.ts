import type { Constraint } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { ClassifiedTable } from '../../graph/classify.js'
import { objectName } from '../../graph/object-name.js'
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
  for (const child of subject.tables.tables) {
    for (const constraint of child.relation.constraints) {
      if (!staysOpen(subject, child, constraint)) continue
      const isParent =
        constraint.references !== null && objectName(constraint.references) === table.name
      if (isParent && changesChildren(constraint, command)) {
        return `the foreign key ${constraint.name} of ${child.name} changes rows of other tenants along with this table's`
      }
      if (child.name === table.name && changesWithParent(constraint, command)) {
        return `the foreign key ${constraint.name} changes rows along with another tenant's ${objectName(constraint.references ?? child.relation)}`
      }
    }
  }
  return undefined
}

/** Both ends have a tenant, and the key does not say that it is the same. */
function staysOpen(
  subject: Subject,
  child: ClassifiedTable,
  { references, columns }: Constraint,
): boolean {
  if (references === null || child.tenantColumn === null) return false
  const parent = subject.tables.get(objectName(references))
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
