import { ident, qualifiedName, sql } from '../../sql/index.js'
import { tableKey } from '../../model/index.js'
import { functionStepId } from '../kernel/function-shape.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** `DEFAULT watertight.tenant_id()` on tenant columns that have no default, so that an INSERT need not name the tenant. */
export function planTenantDefaults(planning: Planning): readonly Step[] {
  const { model, tables } = planning
  if (model.context.kind === 'membership') return []
  const tenantTable = model.tenantKey.table && tableKey(model.tenantKey.table)
  return tables.flatMap(({ relation, tenant, isPartition }) => {
    if (isPartition || tenant?.kind !== 'column' || tableKey(relation) === tenantTable) return []
    const { column } = tenant
    if (column.defaultExpression !== null || column.generated || column.identity) return []
    const table = qualifiedName(relation.schema, relation.name)
    const object = displayName(relation)
    return [
      makeStep({
        id: `default:${object}.${column.name}`,
        object,
        summary: `default ${object}.${column.name} to the tenant of the context`,
        // ONLY: a partition keeps the default it has, so that the reverse is exact.
        up: [
          sql`alter table only ${table} alter column ${ident(column.name)} set default watertight.tenant_id()`,
        ],
        down: [sql`alter table only ${table} alter column ${ident(column.name)} drop default`],
        requires: [functionStepId('tenant_id')],
      }),
    ]
  })
}
