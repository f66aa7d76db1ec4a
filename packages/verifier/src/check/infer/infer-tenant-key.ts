import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { formatTableName, tableKey } from 'watertight/model'
import type { ContextInput, KeyType } from 'watertight/model'
import { singlePrimaryKey } from '../../graph/classify.js'
import type { Comparison, ContextSourceText } from './comparisons.js'
import { inferOwner } from './infer-owner.js'

/** What tells tenants apart, and how the context names one. */
export interface InferredKey {
  readonly column: string | null
  readonly type: KeyType
  readonly table: Relation | null
  readonly columnByTable: Readonly<Record<string, string>>
  readonly context: ContextInput
  readonly why: string
}

/**
 * The tenant column, its table and the context, from what policies compare: a membership table that
 * stands between columns and the user, else the value of the context that the most tables are
 * compared with, else the foreign key that most tables share.
 */
export function inferTenantKey(
  catalog: CatalogSnapshot,
  found: readonly Comparison[],
): InferredKey {
  const usable = found.filter(({ source }) => isSetting(source.setting) && !isUsersOwn(source))
  const link = bestLink(usable)
  const direct = bestSource(usable.filter(({ source }) => !isUserOf(source, usable, link)))
  const isOwn = catalog.relations.some(
    (relation) => relation.schema === 'watertight' && relation.name === 'signing_keys',
  )
  const signed: ContextInput | null = isOwn ? { kind: 'signed' } : null
  if (link !== null && (direct === null || link.count > direct.count)) {
    const { comparison, members } = link
    const { source, via } = comparison
    const context = {
      kind: 'membership' as const,
      user: {
        guc: source.setting,
        ...(source.pointer === null ? {} : { claim: source.pointer }),
      },
      via: { table: formatTableName(via.relation), user: via.user, tenant: via.tenant },
    }
    const own = { ...comparison, relation: via.relation, column: via.tenant }
    const key = keyOf(catalog, [...members, own], 'compared with memberships by policies')
    const owner = inferOwner(catalog, key.table, via, found)
    return { ...key, context: signed ?? { ...context, ...(owner !== null && { owner }) } }
  }
  if (direct !== null) {
    const key = keyOf(catalog, direct.members, 'compared with the context by policies')
    return { ...key, context: signed ?? directContext(usable, direct) }
  }
  // A claim that users write names no tenant, but the column that it decides about is the tenant's.
  const claimed = bestSource(found.filter(({ source }) => isUsersOwn(source)))
  if (claimed !== null) {
    const key = keyOf(catalog, claimed.members, 'compared with what users say of themselves')
    return { ...key, context: signed ?? { kind: 'guc', tenant: 'app.tenant_id' } }
  }
  const shared = sharedForeignKey(catalog)
  return {
    column: shared,
    type: keyType(catalog, shared),
    table: shared === null ? null : referencedTable(catalog, shared),
    columnByTable: {},
    context: signed ?? { kind: 'guc', tenant: 'app.tenant_id' },
    why: 'the foreign key that most tables share',
  }
}

type Linked = Comparison & { readonly via: NonNullable<Comparison['via']> }

interface Link {
  readonly comparison: Linked
  readonly members: readonly Comparison[]
  readonly count: number
}

/**
 * The membership table that the most tables are reached through; of several the one for whose user
 * policies ask in most tables, as a function may look for a person or else for the key of a program.
 */
function bestLink(found: readonly Comparison[]): Link | null {
  const groups = new Map<string, Linked[]>()
  for (const comparison of found) {
    const { via, source } = comparison
    if (via === null) continue
    const key = JSON.stringify([tableKey(via.relation), via.user, via.tenant, source])
    groups.set(key, [...(groups.get(key) ?? []), { ...comparison, via }])
  }
  const asked = (source: ContextSourceText): number =>
    tablesOf(found.filter((comparison) => isSame(comparison.source, source)))
  return best(
    [...groups.values()]
      .flatMap((members) => {
        const [comparison] = members
        return comparison === undefined ? [] : [{ comparison, members, count: tablesOf(members) }]
      })
      .toSorted((a, b) => asked(b.comparison.source) - asked(a.comparison.source)),
  )
}

interface Direct {
  readonly source: ContextSourceText
  readonly members: readonly Comparison[]
  readonly count: number
}

/** The value of the context that the most tables are compared with. */
function bestSource(found: readonly Comparison[]): Direct | null {
  const groups = new Map<string, Comparison[]>()
  for (const comparison of found) {
    if (comparison.via !== null) continue
    const key = JSON.stringify(comparison.source)
    groups.set(key, [...(groups.get(key) ?? []), comparison])
  }
  return best(
    [...groups.values()].flatMap((members) => {
      const [first] = members
      return first === undefined
        ? []
        : [{ source: first.source, members, count: tablesOf(members) }]
    }),
  )
}

/** What a membership table is asked for is a user, and its tables are told apart by the tenant. */
function isUserOf(
  source: ContextSourceText,
  found: readonly Comparison[],
  link: Link | null,
): boolean {
  if (link === null || !isSame(source, link.comparison.source)) return false
  const { via } = link.comparison
  const asked = found.filter((comparison) => isSame(comparison.source, source))
  const memberships = new Set(asked.flatMap((comparison) => comparison.via?.relation ?? []))
  const names = new Set(
    asked
      .filter((comparison) => comparison.via === null && !memberships.has(comparison.relation))
      .map(({ column }) => column),
  )
  // Where tables hold the same column as the membership, that column may be the tenant itself.
  const direct = found.filter(
    (comparison) => comparison.via === null && comparison.column === via.user,
  )
  return (
    !names.has(via.user) || tablesOf(direct) <= link.count || hasTenants(via.relation, via.tenant)
  )
}

function hasTenants({ constraints }: Relation, column: string): boolean {
  return constraints.some(
    ({ references, columns }) =>
      references !== null && columns.length === 1 && columns[0] === column,
  )
}

function isSame(a: ContextSourceText, b: ContextSourceText): boolean {
  return a.setting === b.setting && a.pointer === b.pointer
}

function tablesOf(found: readonly Comparison[]): number {
  return new Set(found.map(({ relation }) => relation)).size
}

function best<Counted extends { readonly count: number }>(all: readonly Counted[]): Counted | null {
  return all.reduce<Counted | null>(
    (found, next) => (found === null || next.count > found.count ? next : found),
    null,
  )
}

/** The column by its most usual name; tables where it goes by another one are listed. */
function keyOf(
  catalog: CatalogSnapshot,
  members: readonly Comparison[],
  why: string,
): Omit<InferredKey, 'context'> {
  const isRoot = ({ relation, column }: Comparison): boolean =>
    singlePrimaryKey(relation) === column &&
    catalog.relations.some((other) => other !== relation && referencedBy(other, relation))
  const counts = new Map<string, number>()
  for (const member of members) {
    // The membership table itself says nothing of how the others call the column.
    const weight = isRoot(member) || member.relation === member.via?.relation ? 0 : 1
    counts.set(member.column, (counts.get(member.column) ?? 0) + weight)
  }
  // Where nothing else is compared, a membership table still calls its tenant by more than 'id'.
  const pointing = new Set(members.filter((member) => !isRoot(member)).map(({ column }) => column))
  const [named = null] = [...counts.keys()].toSorted(
    (a, b) =>
      (counts.get(b) ?? 0) - (counts.get(a) ?? 0) ||
      Number(pointing.has(b)) - Number(pointing.has(a)) ||
      (a < b ? -1 : 1),
  )
  // The key that a table gives its own rows is called alike in tables that have nothing to do with it.
  const isOwnKey = members.every(
    ({ relation, column, via }) => via === null && singlePrimaryKey(relation) === column,
  )
  const column = isOwnKey ? pointingColumn(catalog, members) : named
  const roots = members.filter((member) => isRoot(member) && member.column !== column)
  const table =
    (column === null ? null : referencedTable(catalog, column)) ?? roots[0]?.relation ?? null
  const columnByTable: Record<string, string> = {}
  for (const member of members) {
    const has = member.relation.columns.some(({ name }) => name === column)
    const isTable = table !== null && member.relation === table
    if (!has && !isTable) columnByTable[formatTableName(member.relation)] = member.column
  }
  const pointers = pointersTo(catalog, table, column, new Set(Object.values(columnByTable)))
  return {
    column,
    type: keyType(catalog, column),
    table,
    columnByTable: { ...pointers, ...columnByTable },
    why,
  }
}

/**
 * Tables whose policies compare nothing that was understood, and which point to the tenants by a
 * name that other tables call their tenant by: where policies are wrong, this is how to tell.
 */
function pointersTo(
  catalog: CatalogSnapshot,
  table: Relation | null,
  column: string | null,
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (table === null) return {}
  return Object.fromEntries(
    catalog.relations.flatMap((relation) => {
      const hasColumn = relation.columns.some(({ name }) => name === column)
      if (relation === table || hasColumn) return []
      const pointer = relation.constraints.find(
        ({ columns, references }) =>
          references?.schema === table.schema &&
          references.name === table.name &&
          columns.length === 1 &&
          names.has(columns[0] ?? ''),
      )?.columns[0]
      return pointer === undefined ? [] : [[formatTableName(relation), pointer]]
    }),
  )
}

/** What most tables call a foreign key to one of these tables; null where nothing points to them. */
function pointingColumn(catalog: CatalogSnapshot, members: readonly Comparison[]): string | null {
  const counts = new Map<string, number>()
  for (const { relation } of members) {
    for (const { constraints } of catalog.relations.filter((other) => other !== relation)) {
      for (const { columns, references } of constraints) {
        const [first] = columns
        if (references?.schema !== relation.schema || references.name !== relation.name) continue
        if (columns.length !== 1 || first === undefined) continue
        counts.set(first, (counts.get(first) ?? 0) + 1)
      }
    }
  }
  const [most] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return most?.[0] ?? null
}

function referencedBy({ constraints }: Relation, target: Relation): boolean {
  return constraints.some(
    ({ references }) => references?.schema === target.schema && references.name === target.name,
  )
}

function directContext(found: readonly Comparison[], { source, members }: Direct): ContextInput {
  const { setting, pointer } = source
  const others = found.filter(
    (comparison) =>
      comparison.via === null &&
      !members.includes(comparison) &&
      !isSame(comparison.source, source),
  )
  if (pointer !== null) {
    const user = others.find((other) => other.source.setting === setting)?.source.pointer
    return { kind: 'jwt-claims', guc: setting, tenant: pointer, ...(user ? { user } : {}) }
  }
  const user = others.find((other) => other.source.pointer === null)
  return { kind: 'guc', tenant: setting, ...(user ? { user: user.source.setting } : {}) }
}

/** SECURITY: what hosted platforms let users write into their own token names no tenant. */
function isUsersOwn({ pointer }: ContextSourceText): boolean {
  return /^\/(raw_)?user_meta_?data(\/|$)/.test(pointer ?? '')
}

/** PostgreSQL takes a custom setting only with a dot in its name (manual, section 20.16). */
function isSetting(name: string): boolean {
  return /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)+$/.test(name)
}

function sharedForeignKey(catalog: CatalogSnapshot): string | null {
  const tables = new Map<string, Set<Relation>>()
  for (const relation of catalog.relations) {
    for (const { columns, references } of relation.constraints) {
      const [column] = columns
      if (references === null || columns.length !== 1 || column === undefined) continue
      tables.set(column, (tables.get(column) ?? new Set()).add(relation))
    }
  }
  const [first] = [...tables].toSorted(([a, n], [b, m]) => m.size - n.size || (a < b ? -1 : 1))
  return first !== undefined && first[1].size > 1 ? first[0] : null
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

function keyType(catalog: CatalogSnapshot, column: string | null): KeyType {
  const types = catalog.relations.flatMap((relation) =>
    relation.columns.filter((entry) => entry.name === column).map((entry) => entry.baseType),
  )
  return toKeyType(types[0])
}

/** The kind of key that a column's type makes. */
export function toKeyType(type: string | undefined): KeyType {
  if (type === undefined || type === 'uuid') return 'uuid'
  return /^(bigint|integer|smallint)$/.test(type) ? 'bigint' : 'text'
}
