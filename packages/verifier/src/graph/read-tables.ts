import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { objectName } from './object-name.js'

/** Names of the tables under a view, through any nesting. */
export function readTables(catalog: CatalogSnapshot, view: Relation): readonly string[] {
  const relations = new Map(catalog.relations.map((entry) => [objectName(entry), entry]))
  const seen = new Set<string>([objectName(view)])
  for (const name of seen) {
    for (const read of relations.get(name)?.reads ?? []) seen.add(objectName(read))
  }
  return [...seen].filter((name) => relations.get(name)?.kind.includes('table') === true)
}
