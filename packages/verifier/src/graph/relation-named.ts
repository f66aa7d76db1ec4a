import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { objectName } from './object-name.js'
import { oncePer } from './once-per.js'

const byName: (catalog: CatalogSnapshot) => ReadonlyMap<string, Relation> = oncePer(
  ({ relations }) => new Map(relations.map((relation) => [objectName(relation), relation])),
)

/** The relation of that {@link objectName}. A catalog may have thousands, most of them partitions. */
export function relationNamed(catalog: CatalogSnapshot, name: string): Relation | undefined {
  return byName(catalog).get(name)
}
