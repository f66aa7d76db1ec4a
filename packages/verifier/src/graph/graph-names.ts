import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import type { GraphNodeKind } from '../findings/index.js'
import { objectName } from './object-name.js'

/** The id of a node. */
export function nodeId(kind: GraphNodeKind, name: string): string {
  return `${kind}:${name}`
}

/** The node id of a relation. */
export function relationId(relation: Relation): string {
  return nodeId(relationKind(relation), objectName(relation))
}

/** The kind of node that a relation is. */
export function relationKind(relation: Relation): GraphNodeKind {
  return relation.isPartition ? 'partition' : relation.kind
}

/** The name under which a trigger or rule of a relation is listed. */
export function actionName(name: string, relation: Relation): string {
  return `${name} on ${objectName(relation)}`
}

/** Columns that may hold the number of a large object. */
export function largeObjectColumns(relation: Relation): readonly string[] {
  return relation.columns
    .filter(({ baseType }) => /^(oid|(.*\.)?lo)$/.test(baseType))
    .map(({ name }) => name)
}

/** The objects of a snapshot by what leads to them. */
export interface GraphNames {
  /** By {@link objectName}. */
  readonly relations: ReadonlyMap<string, Relation>
  readonly relationsNamed: ReadonlyMap<string, readonly Relation[]>
  readonly functionsNamed: ReadonlyMap<string, readonly FunctionInfo[]>
  /** Partitions and INHERITS children by the name of the parent. */
  readonly childrenOf: ReadonlyMap<string, readonly Relation[]>
  /** Tables whose rows a foreign key changes with those of the named table. */
  readonly cascadesFrom: ReadonlyMap<string, readonly Relation[]>
  /** Tables with a default that takes its value from the named sequence. */
  readonly numberedBy: ReadonlyMap<string, readonly Relation[]>
}

/** Indexes a snapshot once. */
export function graphNames({ relations, functions }: CatalogSnapshot): GraphNames {
  return {
    relations: new Map(relations.map((relation) => [objectName(relation), relation])),
    relationsNamed: grouped(relations, ({ name }) => [name]),
    functionsNamed: grouped(functions, ({ name }) => [name]),
    childrenOf: grouped(relations, ({ parents }) => parents.map(objectName)),
    cascadesFrom: grouped(relations, ({ constraints }) =>
      constraints.flatMap(({ references }) =>
        references !== null &&
        (changesRows(references.onDelete) || changesRows(references.onUpdate))
          ? [objectName(references)]
          : [],
      ),
    ),
    numberedBy: grouped(relations, ({ columns }) =>
      columns.flatMap(({ defaultExpression }) =>
        [...(defaultExpression ?? '').matchAll(/'([^']+)'::regclass/g)].map(
          ([, name = '']) => name,
        ),
      ),
    ),
  }
}

function changesRows(action: string): boolean {
  return action !== 'no action' && action !== 'restrict'
}

/** Items by each of their keys. */
export function grouped<T>(
  items: readonly T[],
  keysOf: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    for (const key of new Set(keysOf(item))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [item])
      else group.push(item)
    }
  }
  return groups
}
