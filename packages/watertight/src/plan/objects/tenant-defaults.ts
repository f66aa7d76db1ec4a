import type { Column, Relation } from '../../catalog/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { tableKey } from '../../model/index.js'
import type { TenancyModel } from '../../model/index.js'
import type { BoundTable } from '../bound-model.js'
import { functionStepId } from '../kernel/function-shape.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { normaliseExpression } from '../predicates.js'
import { makeStep } from '../step.js'

/** The id of the step that sets or drops the default of a tenant column. */
export function tenantDefaultStepId(relation: Relation, column: string): string {
  return `default:${displayName(relation)}.${column}`
}

/** True when the column takes the tenant of the context by default. */
export function hasTenantDefault({ defaultExpression }: Column): boolean {
  return defaultExpression !== null && /\bwatertight\.tenant_id\(\)/.test(defaultExpression)
}

const ofMember = sql`watertight.tenant_id()`
const ofMemberOrSupport = sql`COALESCE(watertight.tenant_id(), watertight.platform_write_tenant_id())`

/** The tenant that a row belongs to when nobody says so, as `pg_get_expr` prints it. */
function tenantDefault({ context, roles }: TenancyModel): Sql {
  return context.kind === 'signed' && roles.platform !== null ? ofMemberOrSupport : ofMember
}

/** True for a default that a plan has set, be it for another model. */
function isGenerated({ defaultExpression }: Column): boolean {
  const actual = defaultExpression === null ? null : normaliseExpression(defaultExpression)
  return actual === ofMember.text || actual === ofMemberOrSupport.text
}

/**
 * `DEFAULT watertight.tenant_id()` on tenant columns that have no default, so that an INSERT need not
 * name the tenant; dropped where the column is no tenant column any more. Where the model has platform
 * support, an INSERT under a grant that allows writing takes the tenant of the grant.
 */
export function planTenantDefaults(planning: Planning): readonly Step[] {
  const { model, tables, unclassified } = planning
  const tenantTable = model.tenantKey.table && tableKey(model.tenantKey.table)
  const value = tenantDefault(model)
  const isWanted = ({ relation, tenant }: BoundTable, column: Column): boolean =>
    model.context.kind !== 'membership' &&
    tenant?.kind === 'column' &&
    tenant.column.name === column.name &&
    tableKey(relation) !== tenantTable
  return [
    ...tables.flatMap((table) =>
      table.relation.columns.flatMap((column) => {
        const wanted = isWanted(table, column)
        if (hasTenantDefault(column)) {
          if (!wanted) return [drop(table.relation, column)]
          const isOther =
            isGenerated(column) &&
            normaliseExpression(column.defaultExpression ?? '') !== value.text
          return isOther ? [set(table.relation, column, value)] : []
        }
        const isFree =
          column.defaultExpression === null && !column.generated && column.identity === null
        return wanted && isFree && !table.isPartition ? [set(table.relation, column, value)] : []
      }),
    ),
    ...unclassified.flatMap((relation) =>
      relation.columns.filter(hasTenantDefault).map((column) => drop(relation, column)),
    ),
  ]
}

function set(relation: Relation, column: Column, value: Sql): Step {
  const object = displayName(relation)
  const change = alter(relation, column)
  const before = column.defaultExpression
  return makeStep({
    id: tenantDefaultStepId(relation, column.name),
    object,
    summary: `default ${object}.${column.name} to the tenant of the context`,
    up: [sql`${change} set default ${value}`],
    down: [
      before === null
        ? sql`${change} drop default`
        : sql`${change} set default ${trustedSql(before)}`,
    ],
    requires: [functionStepId('tenant_id'), functionStepId('platform_write_tenant_id')],
  })
}

function drop(relation: Relation, column: Column): Step {
  const object = displayName(relation)
  const change = alter(relation, column)
  return makeStep({
    id: tenantDefaultStepId(relation, column.name),
    object,
    summary: `drop the default of ${object}.${column.name}, the tenant of the context`,
    up: [sql`${change} drop default`],
    down: [sql`${change} set default ${trustedSql(column.defaultExpression ?? 'null')}`],
  })
}

/** ONLY: a partition keeps the default it has, so that the reverse is exact. */
function alter(relation: Relation, column: Column): ReturnType<typeof sql> {
  const table = qualifiedName(relation.schema, relation.name)
  return sql`alter table only ${table} alter column ${ident(column.name)}`
}
