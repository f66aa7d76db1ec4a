import type { Constraint, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { Classification, ClassifiedTable } from '../../graph/classify.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'
import { otherRoles } from './other-roles.js'
import { admitsNoRow, upsertReason } from './upsert.js'

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
    const isUpsert = result.command === 'INSERT'
    if (isUpsert && admitsNoRow(subject, result)) return result
    const command = isUpsert ? 'UPDATE' : result.command
    const reason = isUpsert
      ? doorToChildren(subject, table, command, kept)
      : foreignKeyDoor(subject, table, command, kept)
    const isHeld = (role: string): boolean =>
      [role, ...subject.access.closure(role).reachable].some((actor) =>
        subject.access.can(actor, command, table.relation),
      )
    const roles = [result.role, ...otherRoles(subject, table, declared)]
    if (reason === undefined || !roles.some(isHeld)) return result
    return { ...result, verdict: 'unknown', reason: isUpsert ? upsertReason(reason) : reason }
  })
}

/** The key that may change one of these columns along with another tenant's row. */
export function keyThatChanges(
  { tables }: Subject,
  table: string,
  columns: ReadonlySet<string>,
): string | undefined {
  const found = openKeys(tables)(table).find(
    ({ children, constraint }) =>
      children.includes(table) &&
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
  const own = openKeys(subject.tables)(table.name).find(
    ({ children, constraint }) =>
      !kept.has(constraint) &&
      children.includes(table.name) &&
      changesWithParent(constraint, command),
  )
  return doorToChildren(subject, table, command, kept) ?? (own && withParent(own))
}

/** The key that changes rows of other tenants along with this table's. */
function doorToChildren(
  { tables }: Subject,
  { name }: ClassifiedTable,
  command: Command,
  kept: ReadonlySet<Constraint>,
): string | undefined {
  const found = openKeys(tables)(name).find(
    (key) =>
      !kept.has(key.constraint) && key.parents.includes(name) && changesChildren(key, command),
  )
  return (
    found &&
    `the foreign key ${found.constraint.name} of ${found.child} changes rows of other tenants along with this table's; include the tenant's column in the key, or let it have no action`
  )
}

function withParent({ parent, constraint }: OpenKey): string {
  return `the foreign key ${constraint.name} changes rows along with another tenant's ${parent}; include the tenant's column in the key, or let it have no action`
}

interface OpenKey {
  /** Names of the tables at the two ends. */
  readonly child: string
  readonly parent: string
  /** Each end with the tables that it is a partition of or inherits from: commands on these reach its rows. */
  readonly children: readonly string[]
  readonly parents: readonly string[]
  /** Its parent is a partition, which a row leaves as if it were deleted. */
  readonly isToPartition: boolean
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
        const parent = objectName(references)
        const key: OpenKey = {
          child: child.name,
          parent,
          children: withRoots(tables, child.name),
          parents: withRoots(tables, parent),
          isToPartition: tables.get(parent)?.relation.isPartition === true,
          constraint,
        }
        for (const end of new Set([...key.children, ...key.parents])) {
          byTable.set(end, [...(byTable.get(end) ?? []), key])
        }
      }
    }
    return (table) => byTable.get(table) ?? []
  },
)

/** A table and all that it is a partition of or inherits from. */
function withRoots(tables: Classification, name: string): readonly string[] {
  const found = new Set([name])
  for (const each of found) {
    for (const parent of tables.get(each)?.relation.parents ?? []) found.add(objectName(parent))
  }
  return [...found]
}

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

/**
 * SET NULL on DELETE changes rows of the child, which counts as UPDATE. An UPDATE that moves a row out
 * of a partition runs what a key to that partition does on DELETE.
 */
function changesChildren({ constraint, isToPartition }: OpenKey, command: Command): boolean {
  const { onDelete, onUpdate } = constraint.references ?? {}
  if (command === 'DELETE') return isAction(onDelete)
  const isChange = onDelete !== 'cascade' || isToPartition
  return command === 'UPDATE' && (isAction(onUpdate) || (isAction(onDelete) && isChange))
}

function changesWithParent({ references }: Constraint, command: Command): boolean {
  if (command === 'DELETE') return references?.onDelete === 'cascade'
  const sets = references?.onDelete === 'set null' || references?.onDelete === 'set default'
  return command === 'UPDATE' && (sets || isAction(references?.onUpdate))
}

function isAction(action: string | undefined): boolean {
  return action === 'cascade' || action === 'set null' || action === 'set default'
}
