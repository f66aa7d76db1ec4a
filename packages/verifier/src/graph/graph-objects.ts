import type { CatalogSnapshot, FunctionInfo, PublicationInfo, Relation } from 'watertight/catalog'
import type { GraphNodeKind } from '../findings/index.js'
import type { Classification } from './classify.js'
import { effectSteps } from './effect-steps.js'
import type { Step } from './effect-steps.js'
import { functionEffects, queryEffects } from './function-effects.js'
import { functionName } from './function-name.js'
import {
  actionName,
  graphNames,
  largeObjectColumns,
  nodeId,
  relationId,
  relationKind,
} from './graph-names.js'
import type { GraphNames } from './graph-names.js'
import { objectName } from './object-name.js'
import { actionSteps, tableSteps, viewSteps } from './relation-steps.js'
import type { ReadCondition } from './relation-steps.js'
import type { StatementEffects } from './statement-effects.js'

/** An object of the database and where it leads; read only when somebody gets there. */
export interface GraphObject {
  readonly id: string
  readonly kind: GraphNodeKind
  readonly name: string
  readonly holdsTenantRows: boolean
  /** The role whose rights count inside; null when it is whoever got there. */
  readonly as: string | null
  /** Its body is in a language that can do anything, whoever calls it. */
  readonly isUntrusted: boolean
  readonly opaque: () => readonly string[]
  readonly steps: () => readonly Step[]
}

/**
 * Every object of a snapshot by node id, with the steps between them and the role whose rights
 * count on each.
 *
 * @throws PARSER_NOT_LOADED from `steps` and `opaque`.
 */
export function graphObjects(
  catalog: CatalogSnapshot,
  tables: Classification,
): ReadonlyMap<string, GraphObject> {
  const names = graphNames(catalog)
  const read = remembering((text) => queryEffects(text, 'expression'))
  const objects = [
    ...catalog.relations.flatMap((relation) => relationObjects(relation, tables, names, read)),
    ...catalog.functions.map((fn) => functionObject(fn, names)),
    ...catalog.sequences.map((sequence) => {
      const name = objectName(sequence)
      const { ownedBy } = sequence
      const owned =
        ownedBy && names.relations.get(objectName({ schema: ownedBy.schema, name: ownedBy.table }))
      const numbered = new Set([...(names.numberedBy.get(name) ?? []), ...(owned ? [owned] : [])])
      return object('sequence', name, () =>
        [...numbered].map((table) => ({ to: relationId(table), kind: 'numbers', as: null })),
      )
    }),
    ...catalog.publications.map((publication) => publicationObject(publication, catalog, names)),
  ]
  return new Map(objects.map((each) => [each.id, each]))
}

function object(
  kind: GraphNodeKind,
  name: string,
  steps: () => readonly Step[],
  rest: Partial<Pick<GraphObject, 'opaque' | 'holdsTenantRows' | 'as' | 'isUntrusted'>> = {},
): GraphObject {
  const defaults = { opaque: () => [], holdsTenantRows: false, as: null, isUntrusted: false }
  return { ...defaults, ...rest, id: nodeId(kind, name), kind, name, steps: once(steps) }
}

function functionObject(fn: FunctionInfo, names: GraphNames): GraphObject {
  // SECURITY DEFINER: the owner's rights count inside, else those of whoever calls.
  const as = fn.securityDefiner ? fn.owner : null
  if (fn.extension !== null) {
    const opaque = (): readonly string[] => [`a body of the extension ${fn.extension}`]
    return object('function', functionName(fn), () => [], { as, opaque })
  }
  const effects = once(() => functionEffects(fn))
  return object('function', functionName(fn), () => effectSteps(effects(), as, names), {
    as,
    isUntrusted: /^(c|internal|.*u)$/.test(fn.language),
    opaque: () => [...new Set(effects().opaque)],
  })
}

function publicationObject(
  { name, allTables, tables }: PublicationInfo,
  { relations }: CatalogSnapshot,
  names: GraphNames,
): GraphObject {
  const published = allTables
    ? relations.filter(({ kind }) => kind === 'table' || kind === 'partitioned-table')
    : tables.flatMap((table) => names.relations.get(objectName(table)) ?? [])
  // Replication decodes the write-ahead log: no policy is asked, as if the owner read.
  return object('publication', name, () =>
    published.map((table) => ({ to: relationId(table), kind: 'publishes', as: table.owner })),
  )
}

function relationObjects(
  relation: Relation,
  tables: Classification,
  names: GraphNames,
  read: ReadCondition,
): GraphObject[] {
  const name = objectName(relation)
  const isView = relation.kind === 'view' || relation.kind === 'materialized-view'
  const holdsTenantRows = tables.isProtected(name)
  const found = [
    object(
      relationKind(relation),
      name,
      () => [
        ...(isView
          ? viewSteps(relation, names)
          : tableSteps(relation, names, read, holdsTenantRows)),
        ...actionSteps(relation),
      ],
      { holdsTenantRows },
    ),
    ...relation.triggers.map((trigger) =>
      object('trigger', actionName(trigger.name, relation), () =>
        (names.functionsNamed.get(trigger.function.name) ?? [])
          .filter(({ schema }) => schema === trigger.function.schema)
          .map((fn) => ({ to: nodeId('function', functionName(fn)), kind: 'calls', as: null })),
      ),
    ),
    ...relation.rules.map((rule) => {
      const effects = once((): StatementEffects => queryEffects(rule.definition, 'statement'))
      return object(
        'rule',
        actionName(rule.name, relation),
        // What a rule adds has the rights of its relation's owner (manual, section 39.5).
        () => effectSteps(effects(), relation.owner, names),
        { as: relation.owner, opaque: () => effects().opaque },
      )
    }),
  ]
  if (holdsTenantRows && largeObjectColumns(relation).length > 0) {
    found.push(object('large-objects', name, () => []))
  }
  return found
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function remembering<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text) ?? make(text)
    known.set(text, found)
    return found
  }
}
