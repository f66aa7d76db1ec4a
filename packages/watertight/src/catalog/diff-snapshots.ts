import { quoteIdentifier } from '../sql/index.js'
import { comparableSnapshot, involvedRoles } from './comparable-snapshot.js'
import type { ComparisonOptions } from './comparable-snapshot.js'
import type { CatalogSnapshot } from './snapshot.js'
import { compareText } from './sort.js'

/** One place where two snapshots differ; undefined means that it is not there at all. */
export interface SnapshotDifference {
  /** Names from the outside in, for example `relations.public.invoices.policies.own_rows.using`. */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/**
 * What changed from one snapshot to another, in the order of the paths. An object that is only in
 * one of them is one difference. What the server is, and cluster-wide roles that neither snapshot
 * has to do with, are no difference.
 *
 * @example
 * ```ts
 * // alter table invoices no force row level security
 * diffSnapshots(before, after)
 * // [{ path: 'relations.public.invoices.rls.forced', before: true, after: false }]
 * ```
 */
export function diffSnapshots(
  before: CatalogSnapshot,
  after: CatalogSnapshot,
  options: ComparisonOptions = {},
): readonly SnapshotDifference[] {
  const differences: SnapshotDifference[] = []
  const involved = new Set([...involvedRoles(before, options), ...involvedRoles(after, options)])
  compare(
    '',
    comparableSnapshot(before, involved),
    comparableSnapshot(after, involved),
    differences,
  )
  return differences.sort((left, right) => compareText(left.path, right.path))
}

function compare(
  path: string,
  before: unknown,
  after: unknown,
  differences: SnapshotDifference[],
): void {
  if (Object.is(before, after)) return
  const left = partsOf(before)
  const right = partsOf(after)
  if (left === null || right === null) {
    if (!isEqual(before, after)) differences.push({ path, before, after })
    return
  }
  const found = differences.length
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    compare(path === '' ? name : `${path}.${name}`, left.get(name), right.get(name), differences)
  }
  const isReordered =
    Array.isArray(before) && [...left.keys()].join('\0') !== [...right.keys()].join('\0')
  if (isReordered && differences.length === found) differences.push({ path, before, after })
}

/** The parts of an object by key or of a list by name; null for values that have no such parts. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null
  if (!Array.isArray(value)) return new Map(Object.entries(value))
  const parts = new Map<string, unknown>()
  const items: readonly unknown[] = value
  for (const item of items) {
    const name = nameOf(item)
    if (name === null) return null
    if (parts.has(name)) return null
    parts.set(name, item)
  }
  return parts
}

/** What identifies an item of a list, as path segments. */
function nameOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null
  const field = (name: string): string | null => {
    const value: unknown = Reflect.get(item, name)
    return typeof value === 'string' ? value : null
  }
  const joined = (...names: (string | null)[]): string =>
    names.map((name) => (name === null ? '*' : quoted(name))).join('.')

  if ('privilege' in item) {
    const grantee =
      Reflect.get(item, 'isPublic') === true ? 'PUBLIC' : quoted(field('grantee') ?? '')
    return `${grantee}.${field('privilege') ?? ''}.${joined(field('grantor'))}`
  }
  if ('member' in item) return joined(field('role'), field('member'), field('grantor'))
  if ('objectType' in item)
    return `${joined(field('role'), field('schema'))}.${field('objectType') ?? ''}`
  if ('database' in item) return joined(field('role'), field('database'), field('name'))
  if ('identityArguments' in item) {
    return `${joined(field('schema'), field('name'))}(${field('identityArguments') ?? ''})`
  }
  if ('schema' in item) return joined(field('schema'), field('name'))
  return 'name' in item ? joined(field('name')) : null
}

/** As in SQL, save that a name PostgreSQL could not have (a dotted setting) is quoted as text. */
function quoted(name: string): string {
  return name === '' || name.includes('.') ? JSON.stringify(name) : quoteIdentifier(name)
}

function isEqual(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && JSON.stringify(left) === JSON.stringify(right)
}
