import type { Constraint, ForeignKeyTarget, Relation } from '../../catalog/index.js'
import { tableKey } from '../../model/index.js'
import { derivedName, ident, joinSql, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { BoundTable } from '../bound-model.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { columnSet, foreignKeysOf } from '../relation-index.js'
import { makeStep } from '../step.js'

type ForeignKey = Constraint & { readonly references: ForeignKeyTarget }

/** A foreign key between two tables that carry the tenant, whose definition leaves the tenant out. */
interface LooseKey {
  readonly child: BoundTable
  readonly parent: BoundTable
  readonly key: ForeignKey
  readonly childTenant: string
  readonly parentTenant: string
}

/**
 * Foreign keys between tenant tables get the tenant key in front, so that a row cannot refer to,
 * cascade into, or probe for a row of another tenant. Opt-in (`composite-foreign-keys`): rows that
 * already cross tenants make the step fail, and the plan with it.
 */
export function planCompositeForeignKeys(planning: Planning): readonly Step[] {
  const byKey = new Map(planning.tables.map((table) => [tableKey(table.relation), table]))
  const unique = new Map<string, Step>()
  const steps: Step[] = []
  for (const child of planning.tables) {
    for (const key of foreignKeysOf(child.relation)) {
      const parent = byKey.get(tableKey(key.references))
      const loose = parent && looseKey(child, parent, key)
      if (!loose) continue
      const obstacle = obstacleTo(loose)
      if (obstacle !== null) {
        planning.notes.push({
          object: displayName(child.relation),
          message: `foreign key ${key.name} cannot include the tenant: ${obstacle}`,
        })
        continue
      }
      const support = supportingKey(planning, loose)
      if (support === 'impossible') continue
      if (support) unique.set(support.id, support)
      steps.push(compositeKey(loose, support))
    }
  }
  return [...unique.values(), ...steps]
}

function looseKey(child: BoundTable, parent: BoundTable, key: ForeignKey): LooseKey | null {
  if (child.isPartition || parent.isPartition || key.inherited) return null
  if (child.tenant?.kind !== 'column' || parent.tenant?.kind !== 'column') return null
  const childTenant = child.tenant.column.name
  const parentTenant = parent.tenant.column.name
  const isTenantBound =
    key.columns.includes(childTenant) || key.references.columns.includes(parentTenant)
  return isTenantBound ? null : { child, parent, key, childTenant, parentTenant }
}

/** What a foreign key does that it could not do with the tenant in front. */
function obstacleTo({ key }: LooseKey): string | null {
  const { onUpdate, match } = key.references
  if (onUpdate === 'set null' || onUpdate === 'set default') {
    return `ON UPDATE ${onUpdate.toUpperCase()} would change the tenant too`
  }
  if (match === 'full' && key.columns.length > 1)
    return 'MATCH FULL would demand all columns or none'
  // PostgreSQL 18: what the definition says and the catalog columns do not.
  return /\bPERIOD\b|\bNOT ENFORCED\b/.test(key.definition)
    ? 'it is temporal or not enforced'
    : null
}

/** The unique key (tenant, id) that the composite foreign key refers to; null when it exists. */
function supportingKey(planning: Planning, loose: LooseKey): Step | 'impossible' | null {
  const { relation } = loose.parent
  const columns = [loose.parentTenant, ...loose.key.references.columns]
  const wanted = columnSet(columns)
  const exists = relation.indexes.some(
    (index) =>
      index.isUnique &&
      index.predicate === null &&
      index.isValid &&
      columnSet(index.columns) === wanted,
  )
  if (exists) return null
  if (relation.kind === 'partitioned-table') {
    planning.notes.push({
      object: displayName(loose.child.relation),
      message: `foreign key ${loose.key.name} cannot include the tenant: ${displayName(relation)} is partitioned and has no unique key (${columns.join(', ')})`,
    })
    return 'impossible'
  }
  const object = displayName(relation)
  const name = derivedName([relation.name, ...loose.key.references.columns], 'tenant_key')
  const table = qualifiedName(relation.schema, relation.name)
  return makeStep({
    id: `constraint:${object}:${name}`,
    object,
    summary: `add unique key (${columns.join(', ')}) to ${object}`,
    up: [sql`alter table ${table} add constraint ${ident(name)} unique (${names(columns)})`],
    down: [sql`alter table ${table} drop constraint ${ident(name)}`],
    hazards: [
      { kind: 'BLOCKS_WRITES', object, detail: 'ACCESS EXCLUSIVE lock while the index is built' },
    ],
    group: 'composite-foreign-keys',
  })
}

function compositeKey(loose: LooseKey, support: Step | null): Step {
  const { child, key } = loose
  const object = displayName(child.relation)
  const table = qualifiedName(child.relation.schema, child.relation.name)
  const name = ident(key.name)
  const drop = sql`drop constraint ${name}`
  return makeStep({
    id: `constraint:${object}:${key.name}`,
    object,
    summary: `make foreign key ${key.name} of ${object} include the tenant`,
    up: [sql`alter table ${table} ${drop}, add constraint ${name} ${composite(loose)}`],
    down: [sql`alter table ${table} ${drop}, add constraint ${name} ${trustedSql(key.definition)}`],
    requires: support ? [support.id] : [],
    hazards: [
      {
        kind: 'BLOCKS_WRITES',
        object,
        detail:
          'SHARE ROW EXCLUSIVE lock on both tables while existing rows are checked; fails if rows cross tenants',
      },
    ],
    group: 'composite-foreign-keys',
  })
}

function names(columns: readonly string[]): Sql {
  return joinSql(columns.map((column) => ident(column)))
}

function composite({ parent, key, childTenant, parentTenant }: LooseKey): Sql {
  const { references: target } = key
  const parts = [
    sql`foreign key (${names([childTenant, ...key.columns])})`,
    sql`references ${relationName(parent.relation)} (${names([parentTenant, ...target.columns])})`,
    ...(target.onUpdate === 'no action' ? [] : [sql`on update ${trustedSql(target.onUpdate)}`]),
    ...onDelete(key),
    ...(key.deferrable ? [deferrable(key)] : []),
    ...(key.validated ? [] : [sql`not valid`]),
  ]
  return joinSql(parts, ' ')
}

function relationName(relation: Relation): Sql {
  return qualifiedName(relation.schema, relation.name)
}

/** SET NULL and SET DEFAULT name their columns: the tenant must stay (PostgreSQL 15). */
function onDelete({ columns, references }: ForeignKey): readonly Sql[] {
  const { onDelete: action, onDeleteColumns } = references
  if (action === 'no action') return []
  const affected = onDeleteColumns.length > 0 ? onDeleteColumns : columns
  const list =
    action === 'set null' || action === 'set default' ? sql` (${names(affected)})` : sql``
  return [sql`on delete ${trustedSql(action)}${list}`]
}

function deferrable(key: Constraint): Sql {
  return /INITIALLY DEFERRED/.test(key.definition)
    ? sql`deferrable initially deferred`
    : sql`deferrable`
}
