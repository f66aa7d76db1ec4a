import { isOneGroup, walk } from '../../expr/index.js'
import type {
  Expr,
  FromItem,
  JoinItem,
  Occurrence,
  PlainSelect,
  QueryTail,
  Select,
  SetOperation,
} from '../../expr/index.js'
import { unionParts } from './union-parts.js'

/**
 * One way in which a query shows rows: by queries within each other, outermost first, of the last of
 * which the from-items are shown.
 */
export interface Reading {
  readonly selects: readonly PlainSelect[]
  readonly occurrences: readonly number[]
}

/**
 * The ways in which a query shows rows: each part of a UNION, each outer join once as if it were an
 * inner one, for a partner that is shown was joined, and each sub-select among what is shown, which
 * runs beside the rows of the query around it. A string says what is not understood.
 */
export function readingsOf(
  select: Select,
  occurrences: readonly Occurrence[],
  around: readonly PlainSelect[] = [],
): readonly Reading[] | string {
  if (select.kind === 'set-operation') {
    if (!isPlainTail(select)) return 'a sub-select that decides which rows of a UNION there are'
    return joined([select.left, select.right].map((part) => readingsOf(part, occurrences, around)))
  }
  if (select.kind !== 'select') return 'a query of another form than SELECT'
  const parts = unionParts(select, occurrences, isPlainTail)
  if (parts === undefined) return notUnderstood
  return joined(parts.map((part) => readingsOfPart(part, occurrences, around)))
}

/** Of a query in whose FROM there is no UNION. */
function readingsOfPart(
  select: PlainSelect,
  occurrences: readonly Occurrence[],
  around: readonly PlainSelect[],
): readonly Reading[] | string {
  const shown = shownExpressions(select)
  const strange = shown.map(strangePart).find((part) => part !== undefined)
  if (strange !== undefined) return strange
  // Groups are made of the rows that WHERE lets through: whose those are is all that counts.
  const rows: PlainSelect = { ...select, targets: [], groupBy: [], having: null, distinct: null }
  const ways = [
    { way: rows, items: rows.from },
    ...rows.from.flatMap(outerJoins).map((join) => ({
      way: { ...rows, from: rows.from.map((item) => asInner(item, join)) },
      items: [join.right],
    })),
  ]
  const beside = (way: PlainSelect, inner: Select): readonly Reading[] | string =>
    readingsOf(inner, occurrences, [...around, way])
  const readings = ways.flatMap(({ way, items }) => {
    const found = items.map((item) => shownBy(item, occurrences))
    if (found.includes(undefined)) return [notUnderstood]
    const known = found.filter((part) => part !== undefined)
    const reading: Reading = {
      selects: [...around, way],
      occurrences: known.flatMap((part) => part.occurrences),
    }
    return [[reading], ...known.flatMap((part) => part.groups).map((group) => beside(way, group))]
  })
  return joined([...readings, ...shown.flatMap(subSelects).map((inner) => beside(rows, inner))])
}

/** All that says something to who reads the rows, but for the conditions that let them through. */
function shownExpressions(select: PlainSelect): readonly Expr[] {
  const tail = tailExpressions(select)
  const having = select.having === null ? [] : [select.having]
  const targets = select.targets.map(({ value }) => value)
  return [...targets, ...select.groupBy, ...(select.distinct ?? []), ...having, ...tail]
}

function tailExpressions({ orderBy, limit, offset }: QueryTail): readonly Expr[] {
  const counts = [limit, offset].filter((part) => part !== null)
  return [...orderBy.map(({ value }) => value), ...counts]
}

/** What sorts and counts the rows of a UNION looks at nothing else. */
function isPlainTail(query: SetOperation): boolean {
  return tailExpressions(query).every(isPlainExpression)
}

function isPlainExpression(expr: Expr): boolean {
  return strangePart(expr) === undefined && subSelects(expr).length === 0
}

const notUnderstood = 'a from-item that is neither a table nor a plain query over tables'

function joined(parts: readonly (readonly Reading[] | string)[]): readonly Reading[] | string {
  const open = parts.find((part) => typeof part === 'string')
  return open ?? parts.flatMap((part) => (typeof part === 'string' ? [] : part))
}

/** The sub-selects of an expression, without those within them. */
function subSelects(expr: Expr): readonly Select[] {
  const found: Select[] = []
  walk(expr, {
    select: (select) => {
      found.push(select)
      return false
    },
  })
  return found
}

/** What is shown beside columns and sub-selects may read other rows. */
function strangePart(expr: Expr): string | undefined {
  let found: string | undefined
  walk(expr, {
    select: () => false,
    expr: (node) => {
      if (node.kind === 'call' && (node.function.schema ?? 'pg_catalog') !== 'pg_catalog') {
        found = `${node.function.schema ?? ''}.${node.function.name}() among what it shows`
      }
      if (node.kind === 'opaque') found = node.reason
    },
  })
  return found
}

/** What is of a from-item in each result. */
interface ShownItem {
  /** From-items of which each result has a row. */
  readonly occurrences: readonly number[]
  /** Queries that make one group of all their rows: each result has what they say of those. */
  readonly groups: readonly PlainSelect[]
}

const nothing: ShownItem = { occurrences: [], groups: [] }

/** Undefined for what is not understood. */
function shownBy(
  item: FromItem,
  occurrences: readonly Occurrence[],
  depth = 0,
): ShownItem | undefined {
  if (depth > 8) return undefined
  switch (item.kind) {
    case 'table': {
      if (item.occurrence === null) return undefined
      if (!item.cte) return { ...nothing, occurrences: [item.occurrence] }
      const entry = occurrences.find(({ id }) => id === item.occurrence)
      // Named twice, it has rows of its own at each place, of which one would be looked at.
      const places = occurrences.filter(({ select }) => select === entry?.select)
      if (!entry?.select || places.length > 1) return undefined
      return within(entry.select, occurrences, depth + 1)
    }
    case 'subselect':
      return within(item.select, occurrences, depth + 1)
    case 'join':
      if (item.type === 'inner' || item.type === 'cross') {
        return together([item.left, item.right], occurrences, depth)
      }
      return item.type === 'left' ? shownBy(item.left, occurrences, depth) : undefined
    default:
      return undefined
  }
}

/** A query in FROM counts where it is plain, for outer joins in it are not looked at one by one. */
function within(
  select: Select,
  occurrences: readonly Occurrence[],
  depth: number,
): ShownItem | undefined {
  if (select.kind !== 'select') return undefined
  if (isOneGroup(select)) return { ...nothing, groups: [select] }
  const isPlain = shownExpressions(select).every(isPlainExpression)
  if (!isPlain || select.from.flatMap(outerJoins).length > 0) return undefined
  return together(select.from, occurrences, depth)
}

function together(
  items: readonly FromItem[],
  occurrences: readonly Occurrence[],
  depth: number,
): ShownItem | undefined {
  const parts = items.map((item) => shownBy(item, occurrences, depth))
  const known = parts.filter((part) => part !== undefined)
  if (known.length < parts.length) return undefined
  return {
    occurrences: known.flatMap((part) => part.occurrences),
    groups: known.flatMap((part) => part.groups),
  }
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
