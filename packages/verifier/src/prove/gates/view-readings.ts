import { walk } from '../../expr/index.js'
import type { Expr, FromItem, JoinItem, Occurrence, PlainSelect, Select } from '../../expr/index.js'

/** One way in which a query shows rows, and the from-items whose rows it shows then. */
export interface Reading {
  readonly select: PlainSelect
  readonly occurrences: readonly number[]
}

/**
 * The ways in which a query shows rows: each part of a UNION, and each outer join once as if it were
 * an inner one, for a partner that is shown was joined. A string says what is not understood.
 */
export function readingsOf(
  select: Select,
  occurrences: readonly Occurrence[],
): readonly Reading[] | string {
  if (select.kind === 'set-operation') {
    const [left, right] = [
      readingsOf(select.left, occurrences),
      readingsOf(select.right, occurrences),
    ]
    if (typeof left === 'string') return left
    return typeof right === 'string' ? right : [...left, ...right]
  }
  if (select.kind !== 'select') return 'a query of another form than SELECT'
  const shown = [
    ...select.targets.map(({ value }) => value),
    ...select.groupBy,
    ...(select.distinct ?? []),
    ...select.orderBy.map(({ value }) => value),
    ...(select.having === null ? [] : [select.having]),
  ]
  const strange = shown.map(strangePart).find((part) => part !== undefined)
  if (strange !== undefined) return strange
  // Groups are made of the rows that WHERE lets through: whose those are is all that counts.
  const rows: PlainSelect = { ...select, targets: [], groupBy: [], having: null, distinct: null }
  const always = select.from.flatMap((item) => alwaysShown(item, occurrences))
  const partners = select.from.flatMap(outerJoins)
  const readings = [
    { select: rows, occurrences: always },
    ...partners.map((join) => ({
      select: { ...rows, from: rows.from.map((item) => asInner(item, join)) },
      occurrences: alwaysShown(join.right, occurrences),
    })),
  ]
  const isKnown = readings.every((reading) => reading.occurrences.every((id) => id >= 0))
  return isKnown ? readings : 'a from-item that is neither a table nor a plain query over tables'
}

/** What is shown beside columns may read other rows. */
function strangePart(expr: Expr): string | undefined {
  let found: string | undefined
  walk(expr, {
    expr: (node) => {
      if (node.kind === 'subquery' || node.kind === 'subquery-quantified') {
        found = 'a sub-select among what it shows'
      }
      if (node.kind === 'call' && (node.function.schema ?? 'pg_catalog') !== 'pg_catalog') {
        found = `${node.function.schema ?? ''}.${node.function.name}() among what it shows`
      }
      if (node.kind === 'opaque') found = node.reason
    },
  })
  return found
}

const unknown = [-1]

/** From-items of which each result has a row; -1 for what is not understood. */
function alwaysShown(
  item: FromItem,
  occurrences: readonly Occurrence[],
  depth = 0,
): readonly number[] {
  if (depth > 8) return unknown
  switch (item.kind) {
    case 'table': {
      if (item.occurrence === null) return unknown
      const entry = occurrences.find(({ id }) => id === item.occurrence)
      if (!item.cte) return [item.occurrence]
      return entry?.select ? within(entry.select, occurrences, depth + 1) : unknown
    }
    case 'subselect':
      return within(item.select, occurrences, depth + 1)
    case 'join':
      if (item.type === 'inner' || item.type === 'cross') {
        return [item.left, item.right].flatMap((side) => alwaysShown(side, occurrences, depth))
      }
      return item.type === 'left' ? alwaysShown(item.left, occurrences, depth) : unknown
    default:
      return unknown
  }
}

/** A query in FROM counts where it is plain, for outer joins in it are not looked at one by one. */
function within(
  select: Select,
  occurrences: readonly Occurrence[],
  depth: number,
): readonly number[] {
  if (select.kind !== 'select' || select.from.flatMap(outerJoins).length > 0) return unknown
  if (select.targets.some(({ value }) => strangePart(value) !== undefined)) return unknown
  return select.from.flatMap((item) => alwaysShown(item, occurrences, depth))
}

function outerJoins(item: FromItem): readonly JoinItem[] {
  if (item.kind !== 'join') return []
  const own = item.type === 'inner' || item.type === 'cross' ? [] : [item]
  return [...own, ...outerJoins(item.left), ...outerJoins(item.right)]
}

function asInner(item: FromItem, join: JoinItem): FromItem {
  if (item.kind !== 'join') return item
  const [left, right] = [asInner(item.left, join), asInner(item.right, join)]
  return { ...item, left, right, type: item === join ? 'inner' : item.type }
}
