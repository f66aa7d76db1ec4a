import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { objectName } from './object-name.js'
import { relationNamed } from './relation-named.js'

/** Names of the tables under a view, through any nesting. */
export function readTables(catalog: CatalogSnapshot, view: Relation): readonly string[] {
  const seen = new Set<string>([objectName(view)])
  for (const name of seen) {
    for (const read of relationNamed(catalog, name)?.reads ?? []) seen.add(objectName(read))
  }
  return [...seen].filter((name) => relationNamed(catalog, name)?.kind.includes('table') === true)
}
