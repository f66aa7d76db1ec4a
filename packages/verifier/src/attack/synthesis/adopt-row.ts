import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Synthesis } from './synthesis.js'
import type { Values } from './values.js'

/** What has to hold of a row that is made. */
export interface Wanted {
  /** Kept while other values are tried: what was asked for, and the keys of parents. */
  readonly fixed: Values
  /** Of these, what names this one row: asked for, or the key of a parent made for it. */
  readonly settled: Values
}

/**
 * A trigger may have stored the row already, together with its parent: a profile beside the user
 * who signs up. That row is taken, with the values that must hold written over its own.
 *
 * INVARIANT: a row is taken once, and never one that a probe made itself. Row and parent have one
 * xmin only where one statement stored both (each insert has a savepoint and so a number of its
 * own), and the UPDATE gives the row another.
 */
export async function adoptRow(
  synthesis: Synthesis,
  relation: Relation,
  constraintName: string | null,
  { fixed, settled }: Wanted,
): Promise<Values | null> {
  const key = relation.constraints.find(({ name }) => name === constraintName)?.columns ?? []
  if (key.length === 0 || key.some((column) => typeof settled[column] !== 'string')) return null
  const parents = besideParents(relation)
  if (parents.length === 0) return null
  const parameters: (string | null)[] = []
  const place = (value: string | null): Sql => sql`$${integer(parameters.push(value))}`
  const set = Object.entries({ ...fixed, ...settled }).map(
    ([column, value]) => sql`${ident(column)} = ${place(value)}`,
  )
  const where = key.map(
    (column) => sql`r.${ident(column)}::text = ${place(settled[column] ?? null)}`,
  )
  const back = relation.columns.map(({ name }) => sql`r.${ident(name)}::text as ${ident(name)}`)
  const step = await synthesis.session.keep(() =>
    synthesis.session.admin(
      sql`update ${qualifiedName(relation.schema, relation.name)} r set ${joinSql(set)}
        where ${joinSql(where, ' and ')} and (${joinSql(parents, ' or ')}) returning ${joinSql(back)}`,
      parameters,
    ),
  )
  return step.ok ? ((step.rows[0] as Values | undefined) ?? null) : null
}

/** For each foreign key: the row that it points to was stored by the same statement. */
function besideParents(relation: Relation): readonly Sql[] {
  return relation.constraints.flatMap(({ columns, references }) => {
    if (references === null) return []
    const pairs = references.columns.flatMap((name, index) => {
      const column = columns[index]
      return column === undefined ? [] : [sql`p.${ident(name)} = r.${ident(column)}`]
    })
    const parent = qualifiedName(references.schema, references.name)
    return [
      sql`exists (select from ${parent} p where ${joinSql(pairs, ' and ')} and p.xmin = r.xmin)`,
    ]
  })
}
