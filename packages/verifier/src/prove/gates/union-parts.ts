import type { FromItem, Occurrence, PlainSelect, Select, SetOperation } from '../../expr/index.js'

/** More of them than this are no view that a person reads. */
const most = 64

/**
 * A query once for each part of the UNIONs in its FROM, for each row of a UNION is one of one of its
 * parts. The rows of INTERSECT and EXCEPT tell of both of theirs, so that these count as well.
 * Undefined where something else than the parts decides which rows there are, or they are too many.
 */
export function unionParts(
  select: PlainSelect,
  occurrences: readonly Occurrence[],
  isPlainTail: (query: SetOperation) => boolean,
): readonly PlainSelect[] | undefined {
  const partsOfQuery = (query: Select, depth: number): readonly Select[] | undefined => {
    if (depth > 16) return undefined
    if (query.kind === 'select') return partsOfSelect(query, depth + 1)
    if (query.kind !== 'set-operation') return [query]
    if (!isPlainTail(query)) return undefined
    const [left, right] = [query.left, query.right].map((each) => partsOfQuery(each, depth + 1))
    return left && right && [...left, ...right]
  }
  const partsOfItem = (item: FromItem, depth: number): readonly FromItem[] | undefined => {
    if (item.kind === 'subselect') {
      return partsOfQuery(item.select, depth)?.map((each) => ({ ...item, select: each }))
    }
    if (item.kind === 'join') {
      const [left, right] = [item.left, item.right].map((each) => partsOfItem(each, depth))
      return left && right && pairs(left, right).map(([a, b]) => ({ ...item, left: a, right: b }))
    }
    const query = item.kind === 'table' && item.cte ? namedOnce(item.occurrence, occurrences) : null
    if (item.kind !== 'table' || query?.kind !== 'set-operation') return [item]
    const { alias, occurrence } = item
    return partsOfQuery(query, depth)?.map((each) => ({
      kind: 'subselect',
      select: each,
      lateral: false,
      alias,
      occurrence,
    }))
  }
  const partsOfSelect = (query: PlainSelect, depth: number): readonly PlainSelect[] | undefined => {
    let found: readonly (readonly FromItem[])[] = [[]]
    for (const item of query.from) {
      const parts = partsOfItem(item, depth)
      if (parts === undefined || parts.length * found.length > most) return undefined
      found = pairs(found, parts).map(([items, next]) => [...items, next])
    }
    const isWhole = found.length === 1 && found[0]?.every((item, at) => item === query.from[at])
    return isWhole ? [query] : found.map((from) => ({ ...query, from }))
  }
  return partsOfSelect(select, 0)
}

/** The query of a common table expression that one place names. */
function namedOnce(id: number | null, occurrences: readonly Occurrence[]): Select | null {
  const query = occurrences.find((each) => each.id === id)?.select ?? null
  const places = occurrences.filter(({ select }) => query !== null && select === query)
  return places.length === 1 ? query : null
}

function pairs<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
): readonly (readonly [Left, Right])[] {
  return left.flatMap((a) => right.map((b): readonly [Left, Right] => [a, b]))
}
