import { quoteIdentifier } from '../sql/index.js'
import type { CatalogSnapshot, FunctionInfo, Relation, RoleInfo } from './snapshot.js'

interface SnapshotIndex {
  readonly relations: ReadonlyMap<string, Relation>
  readonly roles: ReadonlyMap<string, RoleInfo>
  readonly functions: ReadonlyMap<string, readonly FunctionInfo[]>
}

const indexes = new WeakMap<CatalogSnapshot, SnapshotIndex>()

/**
 * The name of a relation as a person would write it, and the key of everything kept by relation.
 *
 * @throws INVALID_IDENTIFIER when a part is empty or over 63 bytes.
 *
 * @example
 * ```ts
 * relationKey('app', 'User') // app."User"
 * ```
 */
export function relationKey(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/** The relation of that name, or undefined. Constant time after the first look at a snapshot. */
export function findRelation(
  snapshot: CatalogSnapshot,
  schema: string,
  name: string,
): Relation | undefined {
  return indexOf(snapshot).relations.get(pairKey(schema, name))
}

/** The role of that name, or undefined; predefined `pg_*` roles are not in a snapshot. */
export function findRole(snapshot: CatalogSnapshot, name: string): RoleInfo | undefined {
  return indexOf(snapshot).roles.get(name)
}

/** Every overload of a function, in the order of their arguments; empty when there is none. */
export function findFunctions(
  snapshot: CatalogSnapshot,
  schema: string,
  name: string,
): readonly FunctionInfo[] {
  return indexOf(snapshot).functions.get(pairKey(schema, name)) ?? []
}

function indexOf(snapshot: CatalogSnapshot): SnapshotIndex {
  const known = indexes.get(snapshot)
  if (known !== undefined) return known
  const functions = new Map<string, FunctionInfo[]>()
  for (const item of snapshot.functions) {
    const key = pairKey(item.schema, item.name)
    const overloads = functions.get(key)
    if (overloads === undefined) functions.set(key, [item])
    else overloads.push(item)
  }
  const index: SnapshotIndex = {
    relations: new Map(
      snapshot.relations.map((relation) => [pairKey(relation.schema, relation.name), relation]),
    ),
    roles: new Map(snapshot.roles.map((role) => [role.name, role])),
    functions,
  }
  indexes.set(snapshot, index)
  return index
}

/** Any two bare names joined without a clash: PostgreSQL names hold no NUL. */
function pairKey(schema: string, name: string): string {
  return `${schema}\0${name}`
}
