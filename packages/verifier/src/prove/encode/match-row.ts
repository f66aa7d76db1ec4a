import { hasAggregate, isOneGroup } from '../../expr/index.js'
import type { Expr, FromItem, JoinItem, PlainSelect, Select } from '../../expr/index.js'
import { and, choose, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { castTo } from './cast.js'
import { compare } from './compare.js'
import { noteEffects, noteTail } from './effects.js'
import { approximated, free, freeBool, relationNamed } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame, Source } from './frame.js'
import { isPureSet, matchFunction, matchSet, setFunction, unnested } from './match-function.js'
import type { SetRow } from './match-function.js'
import type { Match } from './match.js'
import { readableRow } from './policies.js'
import { columnOf, makeRow } from './row.js'
import { occurrencesOf } from './star-values.js'
import { either, isTrue } from './value.js'
import type { Value } from './value.js'

/**
 * A row that stands for any row of the query's result. DISTINCT, HAVING, LIMIT and EXCEPT only take
 * rows away, so that leaving them out proves nothing that is not so. Of a group it is one of its rows:
 * what is no aggregate is the same in all of them.
 */
export function matchRow(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Match | undefined {
  switch (select.kind) {
    case 'opaque':
      encoding.blockers.add(select.reason)
      return undefined
    case 'values':
      return undefined
    case 'set-operation': {
      const left = matchRow(select.left, encoding, frame, encode)
      const right = matchRow(select.right, encoding, frame, encode)
      if (left === undefined || right === undefined) return undefined
      return select.operation === 'union'
        ? unionOf(left, right, encoding)
        : { ...left, single: false }
    }
    case 'select':
      return plainMatch(select, encoding, frame, encode)
  }
}

function unionOf(left: Match, right: Match, encoding: Encoding): Match | undefined {
  const isLeft = freeBool(encoding, 'of the first query').term
  const targets: Value[] = []
  for (const [index, first] of left.targets.entries()) {
    const second = right.targets[index]
    if (second === undefined) return undefined
    const typed = second.type === first.type ? second : castTo(encoding, second, first.type)
    targets.push(either(isLeft, first, typed))
  }
  return {
    holds: choose(isLeft, left.holds, right.holds),
    targets,
    names: left.names,
    single: false,
  }
}

function plainMatch(
  select: PlainSelect,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Match | undefined {
  if (select.recursive) {
    encoding.blockers.add('a recursive query')
    return undefined
  }
  const isAggregate =
    select.targets.some(({ value }) => hasAggregate(value)) ||
    // HAVING without GROUP BY has one group, also of no rows (manual, SELECT).
    (select.having !== null && (select.groupBy.length === 0 || hasAggregate(select.having)))
  if (isAggregate && select.groupBy.length === 0) {
    // Encoded for what it may do, not for its value.
    for (const item of select.from) from(item, encoding, frame, encode)
    if (select.where !== null) encode(select.where, encoding, frame)
    for (const { value } of select.targets) noteEffects(value, encoding, frame, encode)
    noteTail(select, encoding, frame, encode)
    return isOneGroup(select) ? oneGroup(select, encoding) : undefined
  }
  const sources = select.from.map((item) => from(item, encoding, frame, encode))
  if (sources.some((source) => source === undefined)) return undefined
  const where =
    select.where === null
      ? truth
      : isTrue(castTo(encoding, encode(select.where, encoding, frame), 'bool'))
  const isStar = select.targets.some(({ value }) => value.kind === 'star')
  const found = isStar
    ? []
    : select.targets.map(({ value }) => targetOf(value, encoding, frame, encode))
  if (found.some((target) => target === undefined)) return undefined
  const shown = found.filter((target) => target !== undefined)
  const targets = shown.map(({ value }) => value)
  const isSet = shown.some(({ isSet: set }) => set)
  noteTail(select, encoding, frame, encode)
  const isLimited = select.limit !== null || select.offset !== null
  return {
    holds: and(
      ...sources.filter((source) => source !== undefined),
      where,
      ...shown.map(({ holds }) => holds),
    ),
    targets,
    names: select.targets.map(({ alias, value }) => alias ?? nameOf(value)),
    single:
      !isSet &&
      select.from.length === 0 &&
      select.where === null &&
      !isLimited &&
      select.having === null,
  }
}

/** What aggregates say may be anything. */
function oneGroup({ targets }: PlainSelect, encoding: Encoding): Match {
  return {
    holds: truth,
    targets: targets.map(() => aggregate(encoding)),
    names: targets.map(({ alias, value }) => alias ?? nameOf(value)),
    single: false,
  }
}

function aggregate(encoding: Encoding): Value {
  return approximated(encoding, 'other:aggregate', 'an aggregate')
}

interface Target {
  readonly value: Value
  readonly holds: Term
  readonly isSet: boolean
}

/** A value of the result; a function that returns a set makes a row of each of its values. */
function targetOf(
  expr: Expr,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Target | undefined {
  if (hasAggregate(expr)) {
    noteEffects(expr, encoding, frame, encode)
    return { value: aggregate(encoding), holds: truth, isSet: false }
  }
  if (expr.kind === 'call') {
    const fn = setFunction(expr, encoding, frame)
    if (fn !== undefined) return targetOfSet(matchSet(fn, expr, encoding, frame, encode))
    if (isPureSet(expr)) return targetOfSet(unnested(expr, encoding, frame, encode))
  }
  return { value: encode(expr, encoding, frame), holds: truth, isSet: false }
}

function targetOfSet(row: SetRow | undefined): Target | undefined {
  const [value, ...more] = row?.values ?? []
  if (row === undefined || value === undefined || more.length > 0) return undefined
  return { value, holds: row.holds, isSet: true }
}

function nameOf(value: Expr): string {
  if (value.kind === 'bound-column') return value.column
  if (value.kind === 'call') return value.function.name
  return value.kind === 'cast' ? nameOf(value.operand) : '?column?'
}

/** Puts a from-item's row in the frame and says what is true of it; undefined if not modelled. */
function from(item: FromItem, encoding: Encoding, frame: Frame, encode: Encode): Term | undefined {
  switch (item.kind) {
    case 'opaque':
      encoding.blockers.add(item.reason)
      return undefined
    case 'table':
      return fromTable(item, encoding, frame, encode)
    case 'subselect':
      return fromQuery(item.select, item.occurrence, encoding, frame, encode)
    case 'function':
      return matchFunction(item, encoding, frame, encode)
    case 'join':
      return fromJoin(item, encoding, frame, encode)
  }
}

function fromJoin(
  item: JoinItem,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Term | undefined {
  const isOuter = item.type !== 'inner' && item.type !== 'cross'
  if (
    item.natural ||
    item.type === 'full' ||
    item.type === 'right' ||
    (isOuter && item.using.length > 0)
  ) {
    encoding.gaps.add('a join that is not modelled')
    from(item.left, encoding, frame, encode)
    from(item.right, encoding, frame, encode)
    return undefined
  }
  const left = from(item.left, encoding, frame, encode)
  const right = from(item.right, encoding, frame, encode)
  if (left === undefined || right === undefined) return undefined
  const shared = item.using.map((name) => sharedColumn(name, item, encoding, frame))
  const on = item.on === null ? truth : isTrue(encode(item.on, encoding, frame))
  if (isOuter) return outerJoin(item.right, left, and(right, on), encoding, frame)
  return and(left, right, on, ...shared)
}

/** What USING says of a column; nothing where it is not clear which columns are meant. */
function sharedColumn(name: string, item: JoinItem, encoding: Encoding, frame: Frame): Term {
  const sides = [item.left, item.right].map((side) =>
    occurrencesOf(side).flatMap((id) => {
      const source = frame.sources.get(id)
      if (source?.kind !== 'row') return []
      const column = source.row.relation.columns[source.columns?.indexOf(name) ?? -1]
      const value = column && columnOf(encoding, source.row, column.name)
      return value === undefined ? [] : [value]
    }),
  )
  const [[left, ...moreLeft] = [], [right, ...moreRight] = []] = sides
  if (left === undefined || right === undefined || moreLeft.length + moreRight.length > 0) {
    encoding.gaps.add('a join with USING')
    return truth
  }
  return isTrue(compare(encoding, '=', left, right))
}

/** The right side's row matches, or all its columns are NULL. */
function outerJoin(
  item: FromItem,
  left: Term,
  matches: Term,
  encoding: Encoding,
  frame: Frame,
): Term | undefined {
  const occurrence = item.kind === 'join' || item.kind === 'opaque' ? null : item.occurrence
  const source = occurrence === null ? undefined : frame.sources.get(occurrence)
  if (occurrence === null || source === undefined) return undefined
  const missing = freeBool(encoding, 'the join has no partner').term
  frame.sources.set(occurrence, orNone(source, encoding))
  encoding.gaps.add('an outer join')
  return and(left, or(missing, matches, not(missing)))
}

function orNone(source: Source, encoding: Encoding): Source {
  if (source.kind === 'columns') {
    const values = source.values.map(({ type }) => free(encoding, type, 'a column or none'))
    return { ...source, values }
  }
  const { relation, label } = source.row
  return { ...source, row: makeRow(encoding, relation, `${label} or none`, { loose: true }) }
}

function fromTable(
  item: Extract<FromItem, { kind: 'table' }>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Term | undefined {
  const { occurrence } = item
  const entry = frame.occurrences.find(({ id }) => id === occurrence)
  if (occurrence === null || entry === undefined) return undefined
  if (item.cte) {
    if (entry.select === null) {
      encoding.blockers.add('a recursive query')
      return undefined
    }
    return fromQuery(entry.select, occurrence, encoding, frame, encode)
  }
  const relation = relationNamed(encoding.subject, entry.schema ?? '', entry.name)
  if (relation === undefined) {
    encoding.blockers.add(
      entry.schema === null
        ? `which table is meant by ${entry.name}`
        : `the relation ${entry.schema}.${entry.name}, which is not in the catalog`,
    )
    return undefined
  }
  if (frame.immutable) encoding.blockers.add('a function declared IMMUTABLE that reads a table')
  const row = makeRow(encoding, relation, entry.alias)
  frame.sources.set(occurrence, { kind: 'row', row, columns: entry.columns })
  return readableRow(encoding, row, frame.role, frame.caller)
}

function fromQuery(
  select: Select,
  occurrence: number | null,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Term | undefined {
  const match = matchRow(select, encoding, frame, encode)
  const entry = frame.occurrences.find(({ id }) => id === occurrence)
  if (match === undefined || occurrence === null || match.targets.length === 0) return undefined
  const names = entry?.columns ?? match.names
  frame.sources.set(occurrence, { kind: 'columns', values: match.targets, names })
  return match.holds
}
