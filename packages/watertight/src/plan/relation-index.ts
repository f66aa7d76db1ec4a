import type { CatalogSnapshot, Column, Constraint, Relation } from '../catalog/index.js'
import { tableKey } from '../model/index.js'
import type { TableName } from '../model/index.js'

/** Looks relations up by name in constant time. */
export class RelationIndex {
  readonly #byKey: ReadonlyMap<string, Relation>

  constructor(snapshot: CatalogSnapshot) {
    this.#byKey = new Map(snapshot.relations.map((relation) => [tableKey(relation), relation]))
  }

  find(table: TableName): Relation | undefined {
    return this.#byKey.get(tableKey(table))
  }
}

/** The column of that name, if the relation has it. */
export function columnOf(relation: Relation, name: string): Column | undefined {
  return relation.columns.find((column) => column.name === name)
}

/** One text per set of key columns, whatever their order; null stands for an expression. */
export function columnSet(columns: readonly (string | null)[]): string {
  return JSON.stringify(columns.map((column) => column ?? '').sort(compareNames))
}

function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Foreign keys of a relation with their targets. */
export function foreignKeysOf(
  relation: Relation,
): readonly (Constraint & { references: NonNullable<Constraint['references']> })[] {
  return relation.constraints.flatMap((constraint) =>
    constraint.references ? [{ ...constraint, references: constraint.references }] : [],
  )
}
