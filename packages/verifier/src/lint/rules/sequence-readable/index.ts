import type { SequenceInfo } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** One counter for all tenants, which a tenant can read, counts what the others do. */
export const sequenceReadable: CatalogRule = {
  kind: 'catalog',
  id: 'sequence-readable',
  title: 'A runtime role can read a sequence that numbers the rows of all tenants.',
  check: (input) =>
    input.catalog.sequences.flatMap((sequence) => {
      const tables = numbered(input, sequence)
      const readers = sequence.acl.filter(({ privilege }) => privilege === 'SELECT')
      const roles = input.roles
        .map(({ name }) => name)
        .filter((role) =>
          readers.some(
            ({ grantee, isPublic }) =>
              isPublic || input.access.closure(role).reachable.has(grantee),
          ),
        )
      if (tables.length === 0 || roles.length === 0) return []
      const name = objectName(sequence)
      const grantees = readers
        .filter(({ grantee }) => grantee !== sequence.owner)
        .map(({ grantee, isPublic }) => (isPublic ? sql`public` : ident(grantee)))
      return [
        makeFinding({
          rule: 'sequence-readable',
          severity: 'warning',
          object: name,
          related: tables,
          message: `${name} numbers the rows of ${listed(tables)} for all tenants and ${listed(roles)} may read where it stands: a tenant can watch how many rows the others make.`,
          evidence: { tables, roles },
          ...(grantees.length === 0
            ? {}
            : {
                fix: sql`revoke select on sequence ${qualifiedName(sequence.schema, sequence.name)} from ${joinSql(grantees)};`
                  .text,
              }),
        }),
      ]
    }),
}

/** Protected tables with a column that takes its value from the sequence. */
function numbered(input: LintInput, sequence: SequenceInfo): readonly string[] {
  const owner = sequence.ownedBy
  return input.tables.tables
    .filter(({ name, relation }) => {
      if (!input.tables.isProtected(name)) return false
      if (owner !== null && owner.schema === relation.schema && owner.table === relation.name) {
        return true
      }
      return relation.columns.some(({ defaultExpression }) =>
        defaultExpression?.includes(`'${objectName(sequence)}'`),
      )
    })
    .map(({ name }) => name)
}
