import type { Constraint, Relation } from 'watertight/catalog'
import { parentKey } from '@watertight/verifier'
import type { KeyToParent } from '@watertight/verifier'
import { formatTableName, tableKey } from 'watertight/model'
import type { TableInput, TableName } from 'watertight/model'
import type { Inference } from './inference.js'
import type { InferredKey } from './infer-tenant-key.js'
import { primaryKeyOf } from './infer-tenant-key.js'
import type { InferredUnits } from './infer-org-units.js'

/** What the tables are, as far as their columns and foreign keys tell. */
export interface InferredTables {
  readonly tables: Readonly<Record<string, TableInput>>
  readonly unclassified: Inference['unclassified']
}

/** Classifies tables: by tenant column, by a mandatory foreign key to one that has it, by user. */
export function inferTables(
  tables: readonly Relation[],
  key: InferredKey | null,
  units: InferredUnits | null,
  hasUser: boolean,
): InferredTables {
  const found = new Map<string, TableInput>()
  if (key !== null) {
    for (const table of tables) {
      const own = ownScope(table, key, units)
      if (own !== null) found.set(tableKey(table), own)
    }
    if (hasUser) {
      for (const table of tables) {
        const self = found.has(tableKey(table)) ? null : selfScope(table, tables, key)
        if (self !== null) found.set(tableKey(table), self)
      }
    }
    addChildren(tables, found, key)
  }
  const byName = tables.toSorted((left, right) => (tableKey(left) < tableKey(right) ? -1 : 1))
  return {
    tables: Object.fromEntries(
      byName.flatMap((table) => {
        const declared = found.get(tableKey(table))
        return declared === undefined ? [] : [[formatTableName(table), declared]]
      }),
    ),
    unclassified: byName
      .filter((table) => !found.has(tableKey(table)))
      .map((table) => ({ table: formatTableName(table), ...whatToDecide(table, found, key) })),
  }
}

function ownScope(
  table: Relation,
  key: InferredKey,
  units: InferredUnits | null,
): TableInput | null {
  const isTenants = key.table !== null && tableKey(key.table) === tableKey(table)
  if (isTenants) return { scope: 'tenant' }
  if (!hasColumn(table, key.columnByTable[formatTableName(table)] ?? key.column)) return null
  const isUnits = units !== null && tableKey(units.table) === tableKey(table)
  const unit = units && table.columns.find(({ name }) => name === units.column)
  return { scope: !isUnits && unit?.notNull === true ? 'org' : 'tenant' }
}

/** A table of users that a table of memberships ties to tenants. */
function selfScope(
  table: Relation,
  tables: readonly Relation[],
  key: InferredKey,
): TableInput | null {
  const id = primaryKeyOf(table)
  if (id === null || !/^(users?|people|persons?|profiles?)$/i.test(table.name)) return null
  for (const memberships of tables) {
    if (!hasColumn(memberships, key.column)) continue
    if (!/member|tenant|org|team|account|workspace/i.test(memberships.name)) continue
    const link = foreignKeysTo(memberships, table)[0]
    const userColumn = link?.columns.length === 1 ? link.columns[0] : undefined
    if (userColumn === undefined) continue
    return {
      scope: 'self',
      userColumn: id,
      sharedThrough: {
        table: formatTableName(memberships),
        ...(userColumn !== 'user_id' && { userColumn }),
      },
    }
  }
  return null
}

/** Tables without the column whose rows cannot exist without a row of a tenant. */
function addChildren(
  tables: readonly Relation[],
  found: Map<string, TableInput>,
  key: InferredKey,
): void {
  const belongs = (parent: TableName): boolean => {
    const scope = found.get(tableKey(parent))?.scope
    const isTenants = key.table !== null && tableKey(key.table) === tableKey(parent)
    return (scope === 'tenant' || scope === 'org') && !isTenants
  }
  const descendants = descendantsOf(tables, belongs)
  const isExpected = (parent: TableName): boolean =>
    belongs(parent) || descendants.has(tableKey(parent))
  const isOpen = (table: Relation): boolean => !found.has(tableKey(table))
  for (let isRing = false; ;) {
    const before = found.size
    for (const table of tables.filter(isOpen)) {
      // In a ring of keys no table comes first: there, any key to a known one does.
      const link = parentKey(table, isRing ? belongs : isExpected)
      if (link === null || !belongs(link.references)) continue
      found.set(tableKey(table), child(table, link, found))
      if (isRing) break
    }
    const isStuck = found.size === before
    if (isStuck && isRing) return
    isRing = isStuck
  }
}

function child(
  table: Relation,
  link: KeyToParent,
  found: ReadonlyMap<string, TableInput>,
): TableInput {
  const parent = formatTableName(link.references)
  const only = foreignKeysTo(table, link.references).length === 1
  return {
    scope: found.get(tableKey(link.references))?.scope ?? 'tenant',
    through: only ? parent : { table: parent, foreignKey: link.name },
  }
}

/** Every table that has a way to one that belongs, along mandatory keys. */
function descendantsOf(
  tables: readonly Relation[],
  belongs: (parent: TableName) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>()
  const leads = (parent: TableName): boolean => belongs(parent) || found.has(tableKey(parent))
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const table of tables) if (parentKey(table, leads) !== null) found.add(tableKey(table))
  }
  return found
}

/**
 * Why a table is left to a person, and what to declare if that is right. `global` is suggested for
 * tables alone that refer to nothing: rows that hang on others are hardly everybody's.
 */
function whatToDecide(
  table: Relation,
  found: ReadonlyMap<string, TableInput>,
  key: InferredKey | null,
): { readonly reason: string; readonly suggestion: TableInput } {
  if (key === null) return { reason: 'no tenant key was found', suggestion: { scope: 'global' } }
  const ofUser = parentKey(table, (target) => found.get(tableKey(target))?.scope === 'self')
  const userColumn = ofUser?.columns.length === 1 ? ofUser.columns[0] : undefined
  if (userColumn !== undefined) {
    return {
      reason: `no column ${key.column}, but each row names a user; self if it is that user’s alone`,
      suggestion: { scope: 'self', userColumn },
    }
  }
  if (table.constraints.every(({ references }) => references === null)) {
    const reason = `no column ${key.column}; global if every tenant may read it`
    return { reason, suggestion: { scope: 'global' } }
  }
  return {
    reason: `no column ${key.column}, and no mandatory foreign key to a table that has it; add one of them, or say global if every tenant may read it`,
    suggestion: { scope: 'tenant' },
  }
}

function foreignKeysTo(table: Relation, target: TableName): readonly Constraint[] {
  return table.constraints.filter(
    ({ references }) => references !== null && tableKey(references) === tableKey(target),
  )
}

function hasColumn(table: Relation, name: string): boolean {
  return table.columns.some((column) => column.name === name)
}
