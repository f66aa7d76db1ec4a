import type { FunctionInfo, Relation } from 'watertight/catalog'
import { isNode, listOf } from '../../expr/function-body/plpgsql-tree.js'
import { tokenize } from '../../expr/tokens.js'
import { columnUses } from '../../graph/column-uses.js'
import type { NamedRelations } from '../../graph/column-uses.js'
import { functionEffects, queryEffects } from '../../graph/function-effects.js'
import { functionName } from '../../graph/function-name.js'
import { noEffects } from '../../graph/statement-effects.js'
import { objectName } from '../../graph/object-name.js'
import { runtimeRoles } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'
import { elevatedBodies } from './elevated-bodies.js'
import { routineBody } from './routine-body.js'
import { lookupReader } from './secret-lookup.js'
import type { LookupReader, Secret } from './secret-lookup.js'

/**
 * How a secret may come to somebody whom its tenant did not tell it, as far as the database goes;
 * undefined where only members of the tenant read and set it.
 */
export function secretOpening(
  subject: Subject,
  secret: Secret,
  results: readonly ProofResult[],
): string | undefined {
  return (
    openCell(subject, secret, results) ??
    openTable(subject, secret) ??
    openTrigger(subject, secret) ??
    openView(subject, secret) ??
    openBody(subject, secret)
  )
}

/** Policies must keep the table's rows to their tenants. */
function openCell(
  subject: Subject,
  { relation, column }: Secret,
  results: readonly ProofResult[],
): string | undefined {
  const name = objectName(relation)
  const table = subject.tables.get(name)
  const isOfTenant =
    (table?.scope === 'tenant' || table?.scope === 'org') &&
    table.tenantColumn !== null &&
    table.through === null &&
    table.public === null
  if (!isOfTenant) return `${name} is not a table whose rows are one tenant's`
  const cells = results.filter(({ object, command }) => object === name && command !== 'DELETE')
  const open = cells.find(({ verdict }) => verdict !== 'proven')
  if (open !== undefined) return `${open.command} on ${name} is not proven for ${open.role}`
  if (cells.length === 0) return `nothing is proven of ${name}`
  const across = runtimeRoles(subject.model, subject.catalog).find(
    ({ kind, name: role }) =>
      (kind === 'auditor' || kind === 'platform') &&
      subject.access.columns(role, 'SELECT', relation).includes(column),
  )
  return across && `${across.name} reads ${name}.${column} across tenants`
}

/** The table's own definition must not copy the secret, or say it to a function. */
function openTable({ catalog }: Subject, { relation, column }: Secret): string | undefined {
  const name = objectName(relation)
  const isParent = catalog.relations.some(({ parents }) =>
    parents.some((parent) => objectName(parent) === name),
  )
  if (relation.kind !== 'table' || isParent || relation.parents.length > 0) {
    return `${name} shares rows with other tables`
  }
  if (relation.rules.length > 0) return `${name} has rules`
  const copies = catalog.relations.some((other) =>
    other.constraints.some(
      ({ references }) =>
        references !== null &&
        objectName(references) === name &&
        references.columns.includes(column),
    ),
  )
  if (copies) return `foreign keys copy ${name}.${column}`
  const texts = [
    ...relation.columns.flatMap(({ generated, defaultExpression }) =>
      generated === null ? [] : [defaultExpression],
    ),
    ...relation.policies.flatMap(({ using, withCheck }) => [using, withCheck]),
  ]
  const isSaid = texts.some((text) =>
    tokenize(text ?? '').some(
      (token, at, all) =>
        token.text === column || (token.text === '*' && all[at - 1]?.text === '.'),
    ),
  )
  return isSaid ? `a policy or generated column of ${name} says ${column}` : undefined
}

/** A trigger must neither take the row as a whole, nor change whose it is. */
function openTrigger(
  { catalog, tables }: Subject,
  { relation, column }: Secret,
): string | undefined {
  const tenant = tables.get(objectName(relation))?.tenantColumn ?? ''
  for (const { enabled, name, function: target } of relation.triggers) {
    if (enabled === 'disabled') continue
    const fn = catalog.functions.find(
      (each) =>
        each.schema === target.schema && each.name === target.name && each.returns === 'trigger',
    )
    if (fn === undefined || fn.language !== 'plpgsql' || touches(fn, column, tenant)) {
      return `trigger ${name} of ${objectName(relation)} may copy or change its rows`
    }
  }
  return undefined
}

function touches({ body }: FunctionInfo, column: string, tenant: string): boolean {
  const words = wordsOf(body)
  if (words.includes(column.toLowerCase()) || words.includes('execute')) return true
  return words.some(
    (word, at) =>
      (word === 'new' || word === 'old') && (isWhole(words, at) || fills(words, at, tenant)),
  )
}

/**
 * A trigger that decides, before a row is stored, which tenant it is of; too many rather than too few.
 */
export function retargets({ catalog }: Subject, table: Relation, tenant: string): boolean {
  return table.triggers.some(({ enabled, definition, function: target }) => {
    if (enabled === 'disabled' || isAfter.test(definition)) return false
    const fn = catalog.functions.find(
      ({ schema, name, returns }) =>
        schema === target.schema && name === target.name && returns === 'trigger',
    )
    if (fn?.language !== 'plpgsql') return true
    const words = wordsOf(fn.body)
    return words.some(
      (word, at) => word === 'new' && (isWhole(words, at) || fills(words, at, tenant)),
    )
  })
}

const isAfter = /^CREATE (?:CONSTRAINT )?TRIGGER (?:"(?:[^"]|"")*"|\S+) AFTER /

function wordsOf(body: string): readonly string[] {
  return tokenize(body).map(({ text }) => text.toLowerCase())
}

/** NEW or OLD as a whole, but for RETURN. */
function isWhole(words: readonly string[], at: number): boolean {
  return words[at + 1] === '.' ? words[at + 2] === '*' : words[at - 1] !== 'return'
}

function fills(words: readonly string[], at: number, column: string): boolean {
  const isOf = words[at] === 'new' && words[at + 2] === column.toLowerCase()
  return isOf && (words[at + 3] === '=' || words[at + 3] === ':' || words.includes('into'))
}

/** A view shows and writes with the rights of its owner, unless it has those of whoever asks. */
function openView(subject: Subject, secret: Secret): string | undefined {
  const { access, model, catalog } = subject
  const roles = runtimeRoles(model, catalog).map(({ name }) => name)
  const views = viewsOn(subject, secret)
  const can = (view: Relation, privileges: readonly string[]): boolean =>
    !isInvoker(view) &&
    roles.some((role) => privileges.some((privilege) => access.can(role, privilege, view)))
  const shows = views.telling.find((view) => can(view, ['SELECT']))
  if (shows !== undefined) {
    return `${objectName(shows)} shows ${secret.column} with the rights of its owner`
  }
  const writes = views.all.find((view) => can(view, ['INSERT', 'UPDATE']))
  return writes && `${objectName(writes)} is written with the rights of its owner`
}

function isInvoker({ kind, options }: Relation): boolean {
  return kind === 'view' && ['true', 'on', '1', 'yes'].includes(options['security_invoker'] ?? '')
}

interface Views {
  /** Views that read the table, or another such view. */
  readonly all: readonly Relation[]
  /** Those among them that read the secret. */
  readonly telling: readonly Relation[]
}

function viewsOn({ catalog }: Subject, { relation, column }: Secret): Views {
  const views = catalog.relations.filter(
    ({ kind }) => kind === 'view' || kind === 'materialized-view',
  )
  const on = (isRead: (view: Relation, read: Relation) => boolean): readonly Relation[] => {
    const found = new Set<Relation>()
    for (let before = -1; before !== found.size;) {
      before = found.size
      for (const view of views) {
        const reads = view.reads.flatMap(({ schema, name }) =>
          catalog.relations.filter((each) => each.schema === schema && each.name === name),
        )
        if (reads.some((read) => found.has(read) || isRead(view, read))) found.add(view)
      }
    }
    return [...found]
  }
  return {
    all: on((_, read) => read === relation),
    telling: on((view, read) => read === relation && readsColumn(view, relation, column)),
  }
}

function readsColumn({ definition }: Relation, relation: Relation, column: string): boolean {
  if (definition === null) return true
  const effects = queryEffects(definition, 'statement')
  const { relations, unread } = columnUses(effects, namesOf([relation]))
  return unread.length > 0 || relations.some(({ reads }) => reads.has(column))
}

/** A function past the policies may only compare the secret with what it is asked with. */
function openBody(subject: Subject, secret: Secret): string | undefined {
  const views = viewsOn(subject, secret)
  for (const fn of elevatedBodies(subject)) {
    const effects = functionEffects(fn)
    if (effects.opaque.length > 0) return `${functionName(fn)} holds ${effects.opaque.join(', ')}`
    const body = routineBody(fn)
    const reader = body && lookupReader(subject, fn, body)
    const isOpen = effects.statements.some((statement) =>
      opens(subject, statement, secret, views, reader),
    )
    if (isOpen) {
      const { relation, column } = secret
      return `${functionName(fn)} may read or set ${objectName(relation)}.${column} past its policies`
    }
  }
  return undefined
}

function opens(
  subject: Subject,
  statement: unknown,
  secret: Secret,
  views: Views,
  reader: LookupReader | undefined,
): boolean {
  const { relation, column } = secret
  const effects = { ...noEffects(), statements: [statement] }
  const { relations, unread } = columnUses(effects, namesOf([relation, ...views.all]))
  if (relations.length === 0) return false
  const tenant = subject.tables.get(objectName(relation))?.tenantColumn ?? ''
  const sets = relations.some(
    (use) =>
      use.inserts.size > 0 ||
      use.updates.has(column) ||
      use.updates.has(tenant) ||
      (use.relation !== relation && use.updates.size > 0),
  )
  if (sets || unread.some((form) => !form.startsWith('FOR '))) return true
  if (relations.some((use) => views.telling.includes(use.relation))) return true
  const reads = relations.some((use) => use.relation === relation && use.reads.has(column))
  return reads && !isAsked(statement, secret, reader)
}

/** Every mention of the table is one whose rows the caller has the secret of. */
function isAsked(
  statement: unknown,
  { relation, column }: Secret,
  reader: LookupReader | undefined,
): boolean {
  let mentions = 0
  let asked = 0
  const visit = (node: unknown): void => {
    for (const item of listOf(node)) visit(item)
    if (!isNode(node)) return
    if (node['relname'] === relation.name) mentions += 1
    for (const [kind, value] of Object.entries(node)) {
      const found = isNode(value) ? reader?.lookup(kind, value) : undefined
      const isSame = found?.secret.relation === relation && found.secret.column === column
      if (isSame) asked += 1
      visit(value)
    }
  }
  visit(statement)
  return mentions === asked
}

function namesOf(watched: readonly Relation[]): NamedRelations {
  const relationsNamed = new Map<string, Relation[]>()
  for (const relation of watched) {
    relationsNamed.set(relation.name, [...(relationsNamed.get(relation.name) ?? []), relation])
  }
  return { relationsNamed }
}
