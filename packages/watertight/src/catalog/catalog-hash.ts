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
  return createHash('sha256').update(JSON.stringify(comparable, withSortedKeys)).digest('hex')
}

function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).sort(([left], [right]) => compareText(left, right)),
  )
}
