import type { Constraint, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { Classification, ClassifiedTable } from '../../graph/classify.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'
import { otherRoles } from './other-roles.js'

/** Takes back what is proven where a foreign key may change rows of two tenants at once. */
export function withForeignKeys(
  subject: Subject,
  results: readonly ProofResult[],
  declared: readonly RuntimeRoleName[],
  kept: ReadonlySet<Constraint>,
): readonly ProofResult[] {
  return results.map((result) => {
    const table = subject.tables.get(result.object)
    if (result.verdict !== 'proven' || result.command === 'SELECT' || table === undefined) {
      return result
    }
    const reason = foreignKeyDoor(subject, table, result.command, kept)
    const isHeld = (role: string): boolean =>
      [role, ...subject.access.closure(role).reachable].some((actor) =>
        subject.access.can(actor, result.command, table.relation),
      )
    const roles = [result.role, ...otherRoles(subject, table, declared)]
    if (reason === undefined || !roles.some(isHeld)) return result
    return { ...result, verdict: 'unknown', reason }
  })
}

/** The key that may change one of these columns along with another tenant's row. */
export function keyThatChanges(
  { tables }: Subject,
  table: string,
  columns: ReadonlySet<string>,
): string | undefined {
  const found = openKeys(tables)(table).find(
    ({ child, constraint }) =>
      child === table &&
      changesWithParent(constraint, 'UPDATE') &&
      constraint.columns.some((name) => columns.has(name)),
  )
  return found && withParent(found)
}

/**
 * A foreign key that changes rows of one tenant along with rows of another: its actions run past
 * all policies, and only a key that includes the tenant stays inside it.
 */
export function foreignKeyDoor(
  subject: Subject,
  table: ClassifiedTable,
  command: Command,
  kept: ReadonlySet<Constraint> = new Set(),
): string | undefined {
  for (const key of openKeys(subject.tables)(table.name)) {
    const { child, parent, constraint } = key
    if (kept.has(constraint)) continue
    if (parent === table.name && changesChildren(constraint, command)) {
      return `the foreign key ${constraint.name} of ${child} changes rows of other tenants along with this table's; include the tenant's column in the key, or let it have no action`
    }
    if (child === table.name && changesWithParent(constraint, command)) {
      return withParent(key)
    }
  }
  return undefined
}

function withParent({ parent, constraint }: OpenKey): string {
  return `the foreign key ${constraint.name} changes rows along with another tenant's ${parent}; include the tenant's column in the key, or let it have no action`
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

/** A key of a child without a tenant of its own, to another parent than gives it one. */
export interface OpenLink {
  readonly child: ClassifiedTable
  readonly parent: Relation
  readonly constraint: Constraint
}

/** Keys with an action that may cross tenants, unless policies hold both parents to one. */
export function openLinks(tables: Classification): readonly OpenLink[] {
  return tables.tables.flatMap((child) =>
    child.tenantColumn !== null
      ? []
      : openKeys(tables)(child.name).flatMap((key) => {
          const parent = tables.get(key.parent)?.relation
          return key.child !== child.name || parent === undefined
            ? []
            : [{ child, parent, constraint: key.constraint }]
        }),
  )
}

/** Both ends belong to tenants, and the key does not say that it is the same one. */
function staysOpen(
  tables: Classification,
  child: ClassifiedTable,
  constraint: Constraint,
): boolean {
  const { references, columns } = constraint
  const parent = references === null ? undefined : tables.get(objectName(references))
  if (references === null || parent === undefined) return false
  if (!hasTenant(parent) || !hasTenant(child)) return false
  if (child.tenantColumn === null) return !givesTenant(child, parent, constraint)
  if (parent.tenantColumn === null) return true
  const at = references.columns.indexOf(parent.tenantColumn)
  return at < 0 || columns[at] !== child.tenantColumn || resetsTenant(child, constraint)
}

function hasTenant({ tenantColumn, through }: ClassifiedTable): boolean {
  return tenantColumn !== null || through !== null
}

/** The key is the one by which rows of the child have their tenant. */
function givesTenant(
  { through }: ClassifiedTable,
  parent: ClassifiedTable,
  { columns }: Constraint,
): boolean {
  return through?.parent === parent.relation && through.columns.join() === columns.join()
}

/** What is left behind has the tenant of the column's default, whoever's row it was. */
function resetsTenant(
  { relation, tenantColumn }: ClassifiedTable,
  { references }: Constraint,
): boolean {
  if (tenantColumn === null || references === null) return false
  const listed = references.onDeleteColumns
  const onDelete = listed.length === 0 || listed.includes(tenantColumn)
  const resets =
    references.onUpdate === 'set default' || (references.onDelete === 'set default' && onDelete)
  const column = relation.columns.find(({ name }) => name === tenantColumn)
  return resets && (column?.defaultExpression ?? null) !== null
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
