import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy, formatTableName } from 'watertight/model'
import type { ContextInput, KeyType, TenancyInput, TenancyModel } from 'watertight/model'
import { comparisons } from './comparisons.js'
import type { Comparison } from './comparisons.js'
import { inferRoles } from './infer-roles.js'
import { inferTenantKey, toKeyType } from './infer-tenant-key.js'

/** A model that nobody wrote, and what in it was found rather than known. */
export interface InferredModel {
  readonly model: TenancyModel
  /** The same as one would declare it. */
  readonly input: TenancyInput
  /** Policies compare columns with the context; else the key and the context are guesses. */
  readonly isCompared: boolean
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
  const key = inferTenantKey(catalog, found)
  const { context } = key
  const roles = inferRoles(catalog)
  const input: TenancyInput = {
    schemas: schemas.length > 0 ? schemas : ['public'],
    tenantKey: {
      ...(key.column === null ? {} : { column: key.column, type: key.type }),
      ...(key.table === null ? {} : { table: formatTableName(key.table) }),
      ...(Object.keys(key.columnByTable).length === 0 ? {} : { columnByTable: key.columnByTable }),
    },
    userKey: { type: userType(found, context) },
    context,
    roles,
  }
  const model = defineTenancy(input)
  return {
    model,
    input,
    isCompared: found.length > 0,
    inferred: [
      `schemas: ${model.schemas.join(', ')}`,
      `tenantKey: ${key.column === null ? 'none found' : `${model.tenantKey.column}, ${key.why}`}`,
      `context: ${found.length === 0 && context.kind !== 'signed' ? 'none found' : context.kind}`,
      ...(context.kind === 'membership' && context.owner !== undefined
        ? [`context.owner: ${context.owner}, whom a trigger makes a member of a new tenant`]
        : []),
      `roles: app is ${roles.app ?? 'unknown'}${roles.public == null ? '' : `, public is ${roles.public}`}`,
    ],
  }
}

function userType(found: readonly Comparison[], context: ContextInput): KeyType {
  const setting =
    context.kind === 'membership' ? context.user.guc : context.kind === 'guc' ? context.user : null
  const hit = found.find(({ source, via }) => via === null && source.setting === setting)
  return toKeyType(hit?.relation.columns.find((column) => column.name === hit.column)?.baseType)
}
