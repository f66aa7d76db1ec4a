import type { Relation } from '../catalog/index.js'
import type { Problem } from '../errors/index.js'
import {
  declarationOf,
  formatTableName,
  orgColumnOf,
  tableKey,
  tenantColumnOf,
} from '../model/index.js'
import type {
  ContextSource,
  KeyType,
  TableDeclaration,
  TenancyModel,
  Through,
} from '../model/index.js'
import type {
  BoundColumn,
  BoundOwner,
  BoundProjection,
  BoundShared,
  BoundTable,
  CanonicalConditions,
  ForeignKeyHop,
  KeyPath,
} from './bound-model.js'
import { columnOf, columnSet, foreignKeysOf } from './relation-index.js'
import type { RelationIndex } from './relation-index.js'

/** What binding one table needs; faults go to `problems`. */
export interface Binding {
  readonly model: TenancyModel
  readonly index: RelationIndex
  readonly conditions: CanonicalConditions
  readonly problems: Problem[]
}

/** Column types that a key type may be stored as without two keys becoming one. */
const storableAs: Readonly<Record<KeyType, RegExp>> = {
  uuid: /^uuid$/,
  bigint: /^(bigint|integer|smallint)$/,
  text: /^(text|character varying(\(\d+\))?)$/,
}

/** Binds one declaration, or reports why it cannot be bound and returns null. */
export function bindTable(binding: Binding, declaration: TableDeclaration): BoundTable | null {
  const { index, problems } = binding
  const path = `tables.${formatTableName(declaration.table)}`
  const relation = index.find(declaration.table)
  if (!relation) {
    problems.push({ path, message: 'no such table' })
    return null
  }
  if (relation.kind !== 'table' && relation.kind !== 'partitioned-table') {
    problems.push({ path, message: `is a ${relation.kind}, and only tables can be declared` })
    return null
  }
  if (relation.isPartition) {
    problems.push({ path, message: 'is a partition; declare the partitioned table instead' })
    return null
  }
  const { scope } = declaration
  if (scope === null) {
    problems.push({ path: `${path}.scope`, message: 'is needed to generate the isolation layer' })
    return null
  }
  const at = { ...binding, path, relation, declaration }
  return {
    relation,
    scope,
    tenant: scope === 'global' ? null : tenantPath(at),
    org: scope === 'org' ? orgPath(at) : null,
    user: scope === 'self' ? ownerColumn(at) : null,
    shared: sharedMembership(at),
    own: ownerOfRows(at),
    public: publicProjection(at),
    appendOnly: declaration.appendOnly,
    auditor: auditorRedaction(at),
    commands: declaration.commands,
    workerCommands: declaration.workerCommands,
    isPartition: false,
  }
}

interface TableBinding extends Binding {
  readonly path: string
  readonly relation: Relation
  readonly declaration: TableDeclaration
}

function boundColumn(
  at: Binding,
  relation: Relation,
  name: string,
  keyType: KeyType,
  path: string,
): BoundColumn | null {
  const column = columnOf(relation, name)
  if (!column) {
    const message = `no such column "${name}" in ${formatTableName(relation)}`
    at.problems.push({ path, message })
    return null
  }
  if (!storableAs[keyType].test(column.baseType)) {
    const message = `column "${name}" is ${column.type}, which cannot hold a ${keyType} key faithfully`
    at.problems.push({ path, message })
    return null
  }
  return { column, keyType }
}

function keyColumn(
  at: TableBinding,
  name: string,
  keyType: KeyType,
  property: string,
): KeyPath | null {
  const bound = boundColumn(at, at.relation, name, keyType, `${at.path}.${property}`)
  return bound ? { kind: 'column', ...bound } : null
}

function tenantPath(at: TableBinding): KeyPath | null {
  const { model, declaration } = at
  if (declaration.through) {
    return inherited(at, declaration.through, (parent) => tenantPath(parent))
  }
  const name = tenantColumnOf(model, declaration.table)
  const isTenantless =
    declaration.scope === 'self' &&
    declaration.tenantColumn === null &&
    !columnOf(at.relation, name)
  return isTenantless ? null : keyColumn(at, name, model.tenantKey.type, 'tenantColumn')
}

function orgPath(at: TableBinding): KeyPath | null {
  const { model, declaration } = at
  if (!model.orgUnits) return null
  if (!carriesOrgUnits(model.context)) {
    const message = `needs a context that carries org units, and ${model.context.kind} as declared does not`
    at.problems.push({ path: `${at.path}.scope`, message })
    return null
  }
  const name = orgColumnOf(model, declaration.table)
  if (declaration.through && !columnOf(at.relation, name)) {
    return inherited(at, declaration.through, (parent) => orgPath(parent))
  }
  return keyColumn(at, name, model.orgUnits.type, 'orgColumn')
}

function carriesOrgUnits(context: ContextSource): boolean {
  return context.kind === 'signed' || (context.kind === 'guc' && context.orgUnits !== null)
}

/** The key path that a child inherits from its parent along a foreign key. */
function inherited(
  at: TableBinding,
  through: Through,
  next: (parent: TableBinding) => KeyPath | null,
): KeyPath | null {
  const parent = declarationOf(at.model, through.table)
  const hop = foreignKeyHop(at, through, `${at.path}.through`)
  if (!parent || !hop) return null
  const path = `tables.${formatTableName(parent.table)}`
  const known = at.problems.length
  const rest = next({ ...at, path, relation: hop.parent, declaration: parent })
  if (rest) return { kind: 'through', hop, next: rest }
  if (at.problems.length === known) {
    const message = `${formatTableName(parent.table)} has no tenant to take over`
    at.problems.push({ path: `${at.path}.through`, message })
  }
  return null
}

function foreignKeyHop(at: TableBinding, through: Through, path: string): ForeignKeyHop | null {
  const parent = at.index.find(through.table)
  const name = formatTableName(through.table)
  if (!parent) {
    at.problems.push({ path, message: `no such table ${name}` })
    return null
  }
  const candidates = foreignKeysOf(at.relation).filter(
    (key) =>
      tableKey(key.references) === tableKey(through.table) &&
      (through.foreignKey === null || through.foreignKey === key.name),
  )
  const [key] = candidates
  if (!key) {
    const wanted = through.foreignKey ? ` named "${through.foreignKey}"` : ''
    at.problems.push({ path, message: `has no foreign key${wanted} to ${name}` })
    return null
  }
  if (candidates.length > 1) {
    const names = candidates.map((candidate) => candidate.name).join(', ')
    at.problems.push({ path, message: `several foreign keys lead to ${name} (${names}); name one` })
    return null
  }
  const pairs = key.columns.flatMap((name, position) => {
    const child = columnOf(at.relation, name)
    const target = columnOf(parent, key.references.columns[position] ?? '')
    return child && target ? [{ child, parent: target }] : []
  })
  return { parent, pairs }
}

function ownerColumn(at: TableBinding): BoundColumn | null {
  const name = at.declaration.userColumn
  if (name === null) return null
  return boundColumn(at, at.relation, name, at.model.userKey.type, `${at.path}.userColumn`)
}

/** The user of a row, and who is not held to it: with a parent both are the parent's. */
function ownerOfRows(at: TableBinding): BoundOwner | null {
  const { ownRows } = at.declaration
  if (ownRows === null) return null
  const { userColumn, through, unless } = ownRows
  if (userColumn !== null) {
    const user = keyColumn(at, userColumn, at.model.userKey.type, 'ownRows.userColumn')
    return user && { user, unless }
  }
  const hop = through && foreignKeyHop(at, through, `${at.path}.ownRows.through`)
  const parent = through && declarationOf(at.model, through.table)
  if (!hop || !parent) return null
  const path = `tables.${formatTableName(parent.table)}`
  const next = ownerOfRows({ ...at, path, relation: hop.parent, declaration: parent })
  const by = withoutTenant(at.model, hop)
  return next && { ...next, user: { kind: 'through', hop: by, next: next.user } }
}

function sharedMembership(at: TableBinding): BoundShared | null {
  const shared = at.declaration.sharedThrough
  if (!shared) return null
  const path = `${at.path}.sharedThrough`
  const relation = at.index.find(shared.table)
  if (!relation) {
    at.problems.push({ path, message: `no such table ${formatTableName(shared.table)}` })
    return null
  }
  const { userKey, tenantKey } = at.model
  const user = boundColumn(at, relation, shared.userColumn, userKey.type, `${path}.userColumn`)
  const tenant = boundColumn(
    at,
    relation,
    shared.tenantColumn,
    tenantKey.type,
    `${path}.tenantColumn`,
  )
  return user && tenant ? { relation, user, tenant } : null
}

function checkColumns(at: TableBinding, columns: readonly string[], property: string): void {
  for (const [position, name] of columns.entries()) {
    if (columnOf(at.relation, name)) continue
    const message = `no such column "${name}" in ${formatTableName(at.relation)}`
    at.problems.push({ path: `${at.path}.${property}[${position}]`, message })
  }
}

function publicProjection(at: TableBinding): BoundProjection | null {
  const projection = at.declaration.public
  if (!projection) return null
  if (!projection.columns) {
    const message = 'list the columns that anyone may read'
    at.problems.push({ path: `${at.path}.public.columns`, message })
    return null
  }
  checkColumns(at, projection.columns, 'public.columns')
  const path = `${at.path}.public.through`
  const key = projection.through && foreignKeyHop(at, projection.through, path)
  const through = key && withoutTenant(at.model, key)
  if (through) requireReadable(at, through)
  const where = projection.where && at.conditions[tableKey(at.declaration.table)]
  return { columns: projection.columns, where: where ?? null, through }
}

function auditorRedaction(at: TableBinding): BoundTable['auditor'] {
  const { auditor } = at.declaration
  if (auditor) checkColumns(at, auditor.redact, 'auditor.redact')
  return auditor
}

/**
 * The hop without the tenant column, where the other columns identify the parent by themselves: a
 * tenant is not published, and a predicate must not change when its foreign key gets the tenant. The
 * tenant of both rows is decided by their own policies.
 */
function withoutTenant(model: TenancyModel, hop: ForeignKeyHop): ForeignKeyHop {
  const tenantColumn = tenantColumnOf(model, hop.parent)
  const pairs = hop.pairs.filter(({ parent }) => parent.name !== tenantColumn)
  const wanted = columnSet(pairs.map(({ parent }) => parent.name))
  const identifies = hop.parent.indexes.some(
    ({ isUnique, predicate, columns }) =>
      isUnique && predicate === null && columnSet(columns) === wanted,
  )
  return identifies ? { ...hop, pairs } : hop
}

/** A child is filtered by a sub-select on its parent, whose key the public role must be able to read. */
function requireReadable(at: TableBinding, hop: ForeignKeyHop): void {
  const parent = declarationOf(at.model, hop.parent)
  const readable = parent?.public?.columns ?? []
  for (const { parent: column } of hop.pairs) {
    if (readable.includes(column.name)) continue
    const message = `${formatTableName(hop.parent)} must publish "${column.name}", which leads to its children`
    at.problems.push({ path: `${at.path}.public.through`, message })
  }
}
