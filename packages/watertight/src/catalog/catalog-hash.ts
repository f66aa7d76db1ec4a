import { createHash } from 'node:crypto'
import { comparableSnapshot, involvedRoles } from './comparable-snapshot.js'
import type { ComparisonOptions } from './comparable-snapshot.js'
import type { CatalogSnapshot } from './snapshot.js'
import { compareText } from './sort.js'

/**
 * SHA-256 in hex over what a snapshot says about its database: equal exactly when
 * {@link diffSnapshots} with the same options is empty. Left out are the server, and roles that
 * nothing in the snapshot has to do with unless `options.roles` lists them.
 */
export function catalogHash(snapshot: CatalogSnapshot, options: ComparisonOptions = {}): string {
  const comparable = comparableSnapshot(snapshot, involvedRoles(snapshot, options))
  return createHash('sha256').update(canonicalJson(comparable)).digest('hex')
}

/** JSON with sorted keys. Recursion is several times faster than a replacer that rebuilds objects. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => compareText(left, right))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
