import type { PublicationInfo } from 'watertight/catalog'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Logical replication sends rows past Row Level Security. */
export const publicationUnfiltered: CatalogRule = {
  kind: 'catalog',
  id: 'publication-unfiltered',
  title: 'A publication sends the rows of every tenant to its subscribers.',
  check: (input) =>
    input.catalog.publications.flatMap((publication) => {
      const tables = published(input, publication)
      if (tables.length === 0) return []
      const names = tables.map(({ name }) => name)
      return [
        makeFinding({
          rule: 'publication-unfiltered',
          severity: 'warning',
          object: `publication ${publication.name}`,
          related: names,
          message: `Publication ${publication.name} sends all rows of ${listed(names)}, whatever their policies say: a subscriber gets the rows of every tenant.`,
          evidence: { allTables: publication.allTables, tables: names },
          remedy:
            'Give each table a row filter, or take it out of the publication, unless every subscriber is as trusted as the database itself: then accept the finding.',
        }),
      ]
    }),
}

function published(input: LintInput, publication: PublicationInfo): readonly ClassifiedTable[] {
  const isSent = ({ relation }: ClassifiedTable): boolean =>
    publication.allTables
      ? !relation.isPartition
      : publication.tables.some(
          ({ schema, name, rowFilter }) =>
            rowFilter === null && schema === relation.schema && name === relation.name,
        )
  return input.tables.tables.filter(
    (table) => input.tables.isProtected(table.name) && isSent(table),
  )
}
