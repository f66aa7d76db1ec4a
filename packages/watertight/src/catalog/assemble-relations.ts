import type { AclReader } from './acl-items.js'
import type { RawColumn } from './queries/columns.js'
import type { Oid, RelationGroup } from './queries/fragments.js'
import type { RawRelation } from './queries/relations.js'
import type { Constraint, IndexInfo, Policy, Relation, Rule, Trigger } from './snapshot.js'
import { compareText, sortedBy } from './sort.js'

/** Relations and their children as the server returned them. */
export interface RawRelations {
  readonly relations: readonly RawRelation[]
  readonly columns: readonly RelationGroup<RawColumn>[]
  readonly constraints: readonly RelationGroup<Constraint>[]
  readonly indexes: readonly RelationGroup<IndexInfo>[]
  readonly policies: readonly RelationGroup<Policy>[]
  readonly triggers: readonly RelationGroup<Trigger>[]
  readonly rules: readonly RelationGroup<Rule>[]
}

/** Joins relations with their children, drops the OIDs and puts everything in order. */
export function assembleRelations(raw: RawRelations, readAcl: AclReader): readonly Relation[] {
  const columns = new Map<Oid, readonly RawColumn[]>(raw.columns)
  const constraints = new Map<Oid, readonly Constraint[]>(raw.constraints)
  const indexes = new Map<Oid, readonly IndexInfo[]>(raw.indexes)
  const policies = new Map<Oid, readonly Policy[]>(raw.policies)
  const triggers = new Map<Oid, readonly Trigger[]>(raw.triggers)
  const rules = new Map<Oid, readonly Rule[]>(raw.rules)
  const relations = raw.relations.map(({ oid, ...relation }): Relation => ({
    ...relation,
    acl: readAcl(relation.acl),
    columns: (columns.get(oid) ?? [])
      .map((column) => ({ ...column, acl: readAcl(column.acl) }))
      .sort((left, right) => left.position - right.position),
    constraints: byName(constraints.get(oid)),
    indexes: byName(indexes.get(oid)),
    policies: byName(policies.get(oid)).map((policy) => ({
      ...policy,
      roles: policy.roles.toSorted(compareText),
    })),
    triggers: byName(triggers.get(oid)),
    rules: byName(rules.get(oid)),
    reads: sortedBy(relation.reads, ({ schema, name }) => [schema, name]),
  }))
  return sortedBy(relations, ({ schema, name }) => [schema, name])
}

function byName<Item extends { readonly name: string }>(
  items: readonly Item[] | undefined,
): readonly Item[] {
  return sortedBy(items ?? [], ({ name }) => [name])
}
