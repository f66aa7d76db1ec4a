import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { defineTenancy, formatTableName } from 'watertight/model'
import type { ContextInput, KeyType, TenancyModel } from 'watertight/model'
import { comparisons } from './comparisons.js'
import type { Comparison } from './comparisons.js'
import { inferRoles } from './infer-roles.js'

/** A model that nobody wrote, and what in it was found rather than known. */
export interface InferredModel {
  readonly model: TenancyModel
  /** What each part was inferred from, for people: `tenantKey: tenant_id, compared by …`. */
  readonly inferred: readonly string[]
}

/**
 * Infers tenancy from a catalog alone: the tenant column from what policies compare with the
 * context (else from the foreign keys to a table of tenants), the context from how they do it, the
 * roles from grants. What it cannot tell stays undeclared and is `unknown` to `check`. Pure.
 *
 * @example
 * ```ts
 * const { model, inferred } = inferModel(await readCatalog(client, { schemas: 'all' }))
 * ```
 */
export function inferModel(catalog: CatalogSnapshot): InferredModel {
  const schemas = [
    ...new Set(
      catalog.relations
        .map((relation) => relation.schema)
        .filter((name) => name !== 'watertight' && name !== 'information_schema')
        .filter((name) => !name.startsWith('pg_')),
    ),
  ]
  const found = comparisons(catalog)
  const key = tenantColumn(catalog, found)
  const context = contextOf(catalog, found, key.column)
  const tenants = key.column === null ? null : referencedTable(catalog, key.column)
  const roles = inferRoles(catalog)
  const model = defineTenancy({
    schemas: schemas.length > 0 ? schemas : ['public'],
    tenantKey: {
      ...(key.column === null ? {} : { column: key.column, type: keyType(catalog, key.column) }),
      ...(tenants === null ? {} : { table: formatTableName(tenants) }),
    },
    userKey: { type: userType(found, context) },
    context,
    roles,
  })
  return {
    model,
    inferred: [
      `schemas: ${model.schemas.join(', ')}`,
      `tenantKey: ${key.column === null ? 'none found' : `${model.tenantKey.column}, ${key.why}`}`,
      `context: ${found.length === 0 && context.kind !== 'signed' ? 'none found' : context.kind}`,
      `roles: app is ${roles.app ?? 'unknown'}${roles.public == null ? '' : `, public is ${roles.public}`}`,
    ],
  }
}

/** The column that the most tables are told apart by. */
function tenantColumn(
  catalog: CatalogSnapshot,
  found: readonly Comparison[],
): { column: string | null; why: string } {
  const byColumn = new Map<string, Set<Relation>>()
  // A column of a membership table that is compared with the user is not the tenant.
  const viaTables = new Set(found.flatMap(({ via }) => (via === null ? [] : [via.table])))
  for (const { relation, column } of found) {
    if (viaTables.has(relation.name)) continue
    byColumn.set(column, (byColumn.get(column) ?? new Set()).add(relation))
  }
  const compared = largest(byColumn)
  if (compared !== null) return { column: compared, why: 'compared with the context by policies' }
  const byForeignKey = new Map<string, Set<Relation>>()
  for (const relation of catalog.relations) {
    for (const { columns, references } of relation.constraints) {
      const [column] = columns
      if (references === null || columns.length !== 1 || column === undefined) continue
      byForeignKey.set(column, (byForeignKey.get(column) ?? new Set()).add(relation))
    }
  }
  const shared = largest(byForeignKey)
  if (shared !== null && (byForeignKey.get(shared)?.size ?? 0) > 1) {
    return { column: shared, why: 'the foreign key that most tables share' }
  }
  return { column: null, why: '' }
}

function largest(counts: ReadonlyMap<string, ReadonlySet<Relation>>): string | null {
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m.size - n.size || (a < b ? -1 : 1))
  return sorted[0]?.[0] ?? null
}

function contextOf(
  catalog: CatalogSnapshot,
  found: readonly Comparison[],
  tenant: string | null,
): ContextInput {
  const isOwn = catalog.relations.some(
    (relation) => relation.schema === 'watertight' && relation.name === 'signing_keys',
  )
  if (isOwn) return { kind: 'signed' }
  const own = found.filter((comparison) => comparison.column === tenant)
  const via = own.find((comparison) => comparison.via !== null)
  const direct = own.find((comparison) => comparison.via === null)
  if (direct === undefined && via?.via != null) {
    const table = catalog.relations.find((relation) => relation.name === via.via?.table)
    if (table !== undefined && isSetting(via.source.setting)) {
      const { setting, pointer } = via.source
      return {
        kind: 'membership',
        user: { guc: setting, ...(pointer === null ? {} : { claim: pointer }) },
        via: { table: formatTableName(table), user: via.via.user, tenant: via.via.tenant },
      }
    }
  }
  if (direct === undefined || !isSetting(direct.source.setting)) {
    return { kind: 'guc', tenant: 'app.tenant_id' }
  }
  const { setting, pointer } = direct.source
  const users = found.filter(({ column, via: member }) => column !== tenant && member === null)
  if (pointer !== null) {
    const user = users.find(({ source }) => source.pointer !== null && source.pointer !== pointer)
    const claim = user?.source.pointer
    return { kind: 'jwt-claims', guc: setting, tenant: pointer, ...(claim ? { user: claim } : {}) }
  }
  const user = users.find(({ source }) => source.setting !== setting && isSetting(source.setting))
  return { kind: 'guc', tenant: setting, ...(user ? { user: user.source.setting } : {}) }
}

/** PostgreSQL takes a custom setting only with a dot in its name (manual, section 20.16). */
function isSetting(name: string): boolean {
  return /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)+$/.test(name)
}

function referencedTable(catalog: CatalogSnapshot, column: string): Relation | null {
  for (const relation of catalog.relations) {
    for (const { columns, references } of relation.constraints) {
      if (references === null || columns.length !== 1 || columns[0] !== column) continue
      const target = catalog.relations.find(
        ({ schema, name }) => schema === references.schema && name === references.name,
      )
      if (target !== undefined && target !== relation) return target
    }
  }
  return null
}

function keyType(catalog: CatalogSnapshot, column: string): KeyType {
  const types = catalog.relations.flatMap((relation) =>
    relation.columns.filter((entry) => entry.name === column).map((entry) => entry.baseType),
  )
  return toKeyType(types[0])
}

function userType(found: readonly Comparison[], context: ContextInput): KeyType {
  const setting =
    context.kind === 'membership' ? context.user.guc : context.kind === 'guc' ? context.user : null
  const hit = found.find(({ source, via }) => via === null && source.setting === setting)
  return toKeyType(hit?.relation.columns.find((column) => column.name === hit.column)?.baseType)
}

function toKeyType(type: string | undefined): KeyType {
  if (type === undefined || type === 'uuid') return 'uuid'
  return /^(bigint|integer|smallint)$/.test(type) ? 'bigint' : 'text'
}
