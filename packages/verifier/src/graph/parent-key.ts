import type { Constraint, ForeignKeyTarget, Relation } from 'watertight/catalog'
import { wordsOf } from './mentioned-relations.js'

/** A foreign key whose target is known. */
export type KeyToParent = Constraint & { readonly references: ForeignKeyTarget }

/**
 * The foreign key from which a table without tenant column has its tenant: of those whose columns
 * are never null, the one that the table's policies follow; else the one whose parent takes the
 * table's rows with it when it goes; else the first. Null without such a key to a table that belongs
 * to tenants.
 */
export function parentKey(
  relation: Relation,
  belongs: (parent: ForeignKeyTarget) => boolean,
): KeyToParent | null {
  const conditions = relation.policies.flatMap(({ using, withCheck }) => [using, withCheck])
  const words = new Set(conditions.flatMap((condition) => wordsOf(condition ?? '')))
  const has = (name: string): boolean => words.has(name.toLowerCase())
  const weight = ({ columns, references }: KeyToParent): number => {
    const isFollowed = columns.every(has)
    const isRead = isFollowed && has(references.name)
    return Number(isRead) * 4 + Number(isFollowed) * 2 + Number(references.onDelete === 'cascade')
  }
  const keys = relation.constraints
    .filter((key): key is KeyToParent => key.references !== null && isMandatory(relation, key))
    .toSorted((a, b) => weight(b) - weight(a))
  return keys.find(({ references }) => belongs(references)) ?? null
}

function isMandatory(relation: Relation, { columns }: Constraint): boolean {
  return columns.every((name) =>
    relation.columns.some((column) => column.name === name && column.notNull),
  )
}
