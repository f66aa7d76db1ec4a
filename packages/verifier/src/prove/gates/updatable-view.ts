import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { hasAggregate, parseSelect, resolveQuery } from '../../expr/index.js'
import type { Expr, Occurrence, PlainSelect, Select } from '../../expr/index.js'
import { objectName } from '../../graph/object-name.js'
import { lookupIn } from '../encode/body-names.js'

/** The query of a view with its names resolved. */
export interface ViewQuery {
  readonly select: Select
  readonly occurrences: readonly Occurrence[]
}

/** A string says why it is not understood. */
export function queryOf(catalog: CatalogSnapshot, { definition }: Relation): ViewQuery | string {
  if (definition === null) return 'its definition may not be seen'
  try {
    const { node, occurrences, problems } = resolveQuery(parseSelect(definition), {
      lookup: lookupIn(catalog, { kind: 'printed' }),
    })
    const [problem] = problems
    return problem === undefined ? { select: node, occurrences } : problem.message
  } catch {
    return 'its definition cannot be parsed'
  }
}

/** What a write through a view comes to. */
export type ViewWrites =
  | { readonly kind: 'refused' }
  | { readonly kind: 'open'; readonly reason: string }
  | {
      readonly kind: 'passed-on'
      /** The table that is written, and where the query reads it. */
      readonly base: Relation
      readonly occurrence: Occurrence
      readonly occurrences: readonly Occurrence[]
      readonly where: Expr | null
      /** Columns of the table by columns of the view that pass values on to them. */
      readonly columns: ReadonlyMap<string, string>
      /** What is stored meets the condition of the view (WITH CHECK OPTION). */
      readonly isChecked: boolean
    }

/**
 * Whether PostgreSQL passes what is written into a view on to a table (manual, CREATE VIEW, updatable
 * views). Only what is surely neither passed on nor taken over by a trigger or rule is refused.
 */
export function viewWrites(catalog: CatalogSnapshot, view: Relation): ViewWrites {
  const open = (reason: string): ViewWrites => ({ kind: 'open', reason })
  if (view.rules.some(({ event }) => event !== 'SELECT')) return open('has a rule')
  if (view.triggers.length > 0) return open('has a trigger that writes in its place')
  const query = queryOf(catalog, view)
  if (typeof query === 'string') return open(query)
  const { select, occurrences } = query
  if (select.kind === 'set-operation') return { kind: 'refused' }
  if (select.kind !== 'select') return open('a query of another form than SELECT')
  const [item, ...more] = select.from
  if (isSurelyRefused(select) || item === undefined || more.length > 0) return { kind: 'refused' }
  if (item.kind !== 'table' || item.cte || item.occurrence === null) return { kind: 'refused' }
  const occurrence = occurrences.find(({ id }) => id === item.occurrence)
  const base = occurrence && findRelation(catalog, occurrence.schema ?? '', occurrence.name)
  if (occurrence === undefined || base === undefined) return open('it reads what is not known')
  if (base.kind !== 'table' && base.kind !== 'partitioned-table') {
    return open(`it writes ${objectName(base)}, which is no table`)
  }
  const columns = passedOn(view, base, select, occurrence)
  if (columns === undefined) return open('its columns are not understood')
  const isChecked = ['local', 'cascaded'].includes(view.options['check_option'] ?? '')
  return {
    kind: 'passed-on',
    base,
    occurrence,
    occurrences,
    where: select.where,
    columns,
    isChecked,
  }
}

function isSurelyRefused(select: PlainSelect): boolean {
  return (
    select.distinct !== null ||
    select.groupBy.length > 0 ||
    select.having !== null ||
    select.limit !== null ||
    select.offset !== null ||
    select.ctes.length > 0 ||
    select.from.some(({ kind }) => kind === 'join') ||
    select.targets.some(({ value }) => hasAggregate(value))
  )
}

function passedOn(
  view: Relation,
  base: Relation,
  { targets }: PlainSelect,
  { id, columns: names }: Occurrence,
): ReadonlyMap<string, string> | undefined {
  if (targets.length !== view.columns.length) return undefined
  const found = new Map<string, string>()
  for (const [index, { value }] of targets.entries()) {
    if (value.kind === 'star' || value.kind === 'opaque') return undefined
    if (value.kind !== 'bound-column' || value.occurrence !== id) continue
    const at = names?.indexOf(value.column) ?? -1
    const column = at < 0 ? value.column : base.columns[at]?.name
    const name = view.columns[index]?.name
    if (column !== undefined && name !== undefined) found.set(name, column)
  }
  return found
}
