import type { Relation } from '../../catalog/index.js'
import { relationKey } from '../../catalog/index.js'

/**
 * Groups of tables in the order that their rows can be deleted in: what refers to others goes first.
 * Tables that refer to each other in a circle are one group, to be deleted from in one statement,
 * since PostgreSQL checks foreign keys at its end (manual, section 39.1: AFTER triggers).
 *
 * @example
 * deletionOrder([orders, lines, tenants]) // [[lines], [orders], [tenants]]
 */
export function deletionOrder(relations: readonly Relation[]): readonly (readonly Relation[])[] {
  const byKey = new Map(
    relations.map((relation) => [relationKey(relation.schema, relation.name), relation]),
  )
  const groups: Relation[][] = []
  const indexes = new Map<Relation, number>()
  const lowest = new Map<Relation, number>()
  const stack: Relation[] = []

  // Tarjan's strongly connected components: a group is complete after all that it refers to.
  const visit = (relation: Relation): number => {
    const index = indexes.size
    indexes.set(relation, index)
    stack.push(relation)
    let low = index
    for (const parent of parentsOf(relation, byKey)) {
      const seen = indexes.get(parent)
      if (seen === undefined) low = Math.min(low, visit(parent))
      else if (stack.includes(parent)) low = Math.min(low, seen)
    }
    lowest.set(relation, low)
    if (low === index) groups.push(stack.splice(stack.indexOf(relation)))
    return low
  }
  for (const relation of relations) if (!indexes.has(relation)) visit(relation)
  return groups.toReversed()
}

function parentsOf(relation: Relation, byKey: ReadonlyMap<string, Relation>): readonly Relation[] {
  return relation.constraints.flatMap(({ references }) => {
    const parent = references && byKey.get(relationKey(references.schema, references.name))
    return parent && parent !== relation ? [parent] : []
  })
}
