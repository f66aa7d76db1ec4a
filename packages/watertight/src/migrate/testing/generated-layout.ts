import { derivedName } from '../../sql/index.js'
import type { ScopeClass } from '../../model/index.js'
import type { GeneratedForeignKey, GeneratedTable, GeneratedTenancy } from './generated-tenancy.js'

/** A generated foreign key whose target is decided. */
export interface LaidOutForeignKey extends GeneratedForeignKey {
  readonly name: string
  readonly column: string
  readonly targetTable: LaidOutTable
  readonly targetColumn: 'id' | 'code'
}

/** A generated table whose choices have been made consistent with those before it. */
export interface LaidOutTable extends GeneratedTable {
  readonly position: number
  /** The scope that the context can serve. */
  readonly scope: ScopeClass
  readonly parentTable: LaidOutTable | null
  readonly depth: number
  /** Column of its own that holds the tenant; null when inherited or absent. */
  readonly tenant: string | null
  readonly hasTenant: boolean
  readonly hasOrgColumn: boolean
  readonly hasUserColumn: boolean
  /** Members reach their own rows only, by a column or by those of the parent. */
  readonly hasOwnRows: boolean
  readonly laidOutKeys: readonly LaidOutForeignKey[]
  readonly publicThrough: LaidOutForeignKey | null
  readonly isPublic: boolean
  readonly viewName: string
  readonly squatterName: string | null
}

/** True when `id` alone is the primary key, so that foreign keys can refer to it. */
export function isReferable(table: GeneratedTable): boolean {
  return table.partition === 'none' || table.partition === 'hash'
}

/** True when the context of the tenancy can say which org units a reader may see. */
export function hasOrgUnits({ context, hasOrgTree }: GeneratedTenancy): boolean {
  return context === 'guc' || (context === 'signed' && hasOrgTree)
}

export function hasRole(
  tenancy: GeneratedTenancy,
  role: GeneratedTenancy['absentRoles'][number],
): boolean {
  return !tenancy.absentRoles.includes(role)
}

/** Decides parents, key columns and foreign key targets, table by table. */
export function layOut(tenancy: GeneratedTenancy): readonly LaidOutTable[] {
  const done: LaidOutTable[] = []
  for (const [position, table] of tenancy.tables.entries()) {
    done.push(layOutTable(tenancy, done, table, position))
  }
  return done
}

function layOutTable(
  tenancy: GeneratedTenancy,
  earlier: readonly LaidOutTable[],
  table: GeneratedTable,
  position: number,
): LaidOutTable {
  const scope = table.scope === 'org' && !hasOrgUnits(tenancy) ? 'tenant' : table.scope
  const isEligible = (parent: LaidOutTable): boolean =>
    isReferable(parent) &&
    parent.hasTenant &&
    parent.depth < 3 &&
    (scope !== 'org' || table.hasOwnOrgColumn || parent.scope === 'org')
  const parents = scope === 'global' || !table.isChild ? [] : earlier.filter(isEligible)
  const parentTable = parents[table.parent % Math.max(parents.length, 1)] ?? null
  const isTenantless = scope === 'global' || (scope === 'self' && table.isUserTenantless)
  const tenant = parentTable || isTenantless ? null : (table.tenantColumn ?? tenancy.tenantColumn)
  const hasOrgColumn = scope === 'org' && (!parentTable || table.hasOwnOrgColumn)
  const isShareable = scope === 'tenant' || scope === 'org'
  const hasOwnRows =
    isShareable && table.hasTenantIndex && (tenant !== null || parentTable?.hasOwnRows === true)
  const base = {
    ...table,
    label: table.label === tenant || table.label === tenancy.tenantColumn ? 'label' : table.label,
    position,
    scope,
    parentTable,
    depth: parentTable ? parentTable.depth + 1 : 0,
    tenant,
    hasTenant: tenant !== null || parentTable !== null,
    hasOrgColumn,
    hasUserColumn: scope === 'self' || (hasOwnRows && tenant !== null),
    hasOwnRows,
    viewName: `view ${position}`,
    squatterName: table.squatter === 'none' ? null : derivedName([table.name], table.squatter),
  }
  const laidOutKeys = table.foreignKeys.flatMap((key, index) => {
    const targets = earlier.filter(isReferable)
    const targetTable = targets[key.target % Math.max(targets.length, 1)]
    if (!targetTable) return []
    const composite =
      key.composite &&
      tenant !== null &&
      targetTable.tenant !== null &&
      targetTable.uniques.includes('with-tenant')
    const targetColumn =
      !composite &&
      targetTable.partition === 'none' &&
      targetTable.uniques.includes('referenced') &&
      key.target % 2 === 1
        ? ('code' as const)
        : ('id' as const)
    return [
      { ...key, composite, name: `fk ${index}`, column: `ref_${index}`, targetTable, targetColumn },
    ]
  })
  const publicThrough =
    laidOutKeys.find(
      ({ targetTable, targetColumn }) => targetTable.isPublic && targetColumn === 'id',
    ) ?? null
  return {
    ...base,
    laidOutKeys,
    publicThrough: table.published === 'through' ? publicThrough : null,
    isPublic: table.published !== 'no' && hasRole(tenancy, 'public'),
  }
}
