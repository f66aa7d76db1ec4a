import type { Constraint, Relation } from 'watertight/catalog'
import { ident, joinSql, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { IsolatedTable, MutantDraft, MutationSubject } from '../mutant.js'

/** Flags, tenant columns, keys and triggers of the tables themselves. */
export function tableMutants({ tables, catalog }: MutationSubject): readonly MutantDraft[] {
  return tables.flatMap((table) => [
    ...flagMutants(table),
    ...tenantMutants(table),
    ...table.relation.constraints.flatMap((constraint) =>
      keyMutants(table, constraint, catalog.relations),
    ),
    ...triggerMutants(table),
  ])
}

function nameOf({ schema, name }: Relation): Sql {
  return qualifiedName(schema, name)
}

function flagMutants({ relation, name }: IsolatedTable): readonly MutantDraft[] {
  if (!relation.rls.enabled) return []
  const guard = (column: string): Sql =>
    sql`select ${ident(column)} from pg_catalog.pg_class where oid = ${literal(nameOf(relation).text)}::regclass`
  const found: MutantDraft[] = [
    {
      kind: 'rls-disabled',
      object: name,
      description: 'Row Level Security is disabled',
      up: [sql`alter table ${nameOf(relation)} disable row level security`],
      guard: guard('relrowsecurity'),
    },
  ]
  if (!relation.rls.forced) return found
  return [
    ...found,
    {
      kind: 'rls-not-forced',
      object: name,
      description: 'Row Level Security does not bind the owner',
      up: [sql`alter table ${nameOf(relation)} no force row level security`],
      guard: guard('relforcerowsecurity'),
    },
  ]
}

function tenantMutants({ relation, name, tenantColumn }: IsolatedTable): readonly MutantDraft[] {
  const column = relation.columns.find((entry) => entry.name === tenantColumn)
  if (column === undefined || relation.isPartition) return []
  const isKey = relation.constraints.some(
    ({ kind, columns }) => kind === 'primary-key' && columns.includes(column.name),
  )
  const at = sql`attrelid = ${literal(nameOf(relation).text)}::regclass and attname = ${literal(column.name)}`
  const found: MutantDraft[] = []
  if (column.notNull && !isKey && column.identity === null) {
    found.push({
      kind: 'tenant-nullable',
      object: `${name}.${column.name}`,
      description: 'the tenant column may be NULL',
      up: [sql`alter table ${nameOf(relation)} alter column ${ident(column.name)} drop not null`],
      guard: sql`select attnotnull from pg_catalog.pg_attribute where ${at}`,
    })
  }
  if (column.defaultExpression !== null && column.generated === null) {
    found.push({
      kind: 'tenant-default-dropped',
      object: `${name}.${column.name}`,
      description: 'the tenant column has no default',
      up: [sql`alter table ${nameOf(relation)} alter column ${ident(column.name)} drop default`],
      guard: sql`select atthasdef from pg_catalog.pg_attribute where ${at}`,
    })
  }
  return found
}

/** A key over the tenant and an id becomes one over the id, or goes where the id alone is no key. */
function keyMutants(
  { relation, name, tenantColumn }: IsolatedTable,
  constraint: Constraint,
  relations: readonly Relation[],
): readonly MutantDraft[] {
  const { references, columns, inherited } = constraint
  if (references === null || inherited || columns.length < 2 || tenantColumn === null) return []
  const at = columns.indexOf(tenantColumn)
  if (at < 0) return []
  const own = columns.filter((_, index) => index !== at)
  const keys = references.columns.filter((_, index) => index !== at)
  const parent = relations.find(
    (entry) => entry.schema === references.schema && entry.name === references.name,
  )
  const isKey = parent?.indexes.some(
    ({ isUnique, predicate, columns: indexed }) =>
      isUnique &&
      predicate === null &&
      indexed.length === keys.length &&
      keys.every((key) => indexed.includes(key)),
  )
  const drop = sql`alter table ${nameOf(relation)} drop constraint ${ident(constraint.name)}`
  const list = (names: readonly string[]): Sql => joinSql(names.map((each) => ident(each)))
  const add = sql`alter table ${nameOf(relation)} add constraint ${ident(constraint.name)} foreign key (${list(own)}) references ${qualifiedName(references.schema, references.name)} (${list(keys)}) on delete ${trustedSql(references.onDelete)}`
  return [
    {
      kind: 'foreign-key-without-tenant',
      object: `${name}.${constraint.name}`,
      description: `the foreign key does not include the tenant${isKey === true ? '' : ': it is gone'}`,
      up: isKey === true ? [drop, add] : [drop],
      guard: sql`select exists (select from pg_catalog.pg_constraint where conrelid = ${literal(nameOf(relation).text)}::regclass and conname = ${literal(constraint.name)} and pg_catalog.pg_get_constraintdef(oid) = ${literal(constraint.definition)})`,
    },
  ]
}

function triggerMutants({ relation, name }: IsolatedTable): readonly MutantDraft[] {
  return relation.triggers
    .filter(({ inherited, enabled }) => !inherited && enabled !== 'disabled')
    .map((trigger) => ({
      kind: 'trigger-dropped',
      object: `${name}.${trigger.name}`,
      description: 'the trigger is dropped',
      up: [sql`drop trigger ${ident(trigger.name)} on ${nameOf(relation)}`],
      guard: sql`select exists (select from pg_catalog.pg_trigger where tgrelid = ${literal(nameOf(relation).text)}::regclass and tgname = ${literal(trigger.name)} and tgenabled <> 'D')`,
    }))
}
