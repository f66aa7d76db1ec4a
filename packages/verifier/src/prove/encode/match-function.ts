import type { FunctionInfo } from 'watertight/catalog'
import type { Call, Expr, FunctionItem } from '../../expr/index.js'
import { and, choose, falsity, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { isElement } from './array-elements.js'
import { resolvedQuery } from './body-names.js'
import { calledFunction } from './called-function.js'
import { castTo } from './cast.js'
import { free, freeBool } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { frameOf, identityOf, lastStatement, refusal } from './inline.js'
import { starValues } from './star-values.js'
import { returnedRows } from './plpgsql.js'
import type { ReturnedRows } from './plpgsql.js'
import { returnedColumns } from './returned-columns.js'
import type { ReturnedColumn } from './returned-columns.js'
import { columnType, elementType } from './sql-type.js'
import { either, nullValue } from './value.js'
import type { Value } from './value.js'

/** Built-in functions that return a set and do nothing else. */
const pureSets: ReadonlySet<string> = new Set(
  `unnest jsonb_array_elements_text json_array_elements_text jsonb_array_elements
  json_array_elements regexp_split_to_table generate_series string_to_table jsonb_object_keys`.split(
    /\s+/,
  ),
)

/** Some row of a set. */
export interface SetRow {
  readonly holds: Term
  readonly values: readonly Value[]
}

/** The function that a call means when it is one of the database's own that returns a set. */
export function setFunction(
  expr: Expr,
  encoding: Encoding,
  frame: Frame,
): FunctionInfo | undefined {
  if (expr.kind !== 'call') return undefined
  const target = calledFunction(encoding.subject.catalog, expr, frame.path)
  return target.kind === 'own' && target.function.returnsSet ? target.function : undefined
}

/** Whether a call is of a built-in function that returns a set. */
export function isPureSet(expr: Call): boolean {
  return pureSets.has(expr.function.name)
}

/** Some element that `unnest(array)` gives; undefined for other sets. */
export function unnested(
  call: Call,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): SetRow | undefined {
  const [array, ...more] = call.args.map(({ value }) => encode(value, encoding, frame))
  const type = array && elementType(array.type)
  if (call.function.name !== 'unnest' || array === undefined || type === undefined) return undefined
  const element = free(encoding, type, 'an element')
  const holds = more.length === 0 ? isElement(encoding, array, element) : undefined
  return holds && { holds, values: [element] }
}

/** Some row that a function returns as one of its set; undefined if it is not modelled. */
export function matchSet(
  fn: FunctionInfo,
  call: Call,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): SetRow | undefined {
  const args = call.args.map(({ value }) => encode(value, encoding, frame))
  const reason = refusal(fn, encoding, frame)
  const inner = frameOf(fn, call, args, encoding, frame)
  const parts = reason === undefined && inner ? partsOf(fn, encoding, inner) : undefined
  if (parts === undefined) {
    encoding.blockers.add(`${identityOf(fn)}: ${reason ?? 'its body is not modelled'}`)
    return undefined
  }
  const columns = returnedColumns(fn, encoding.subject.catalog)
  const rows = parts.map((part) => rowOfPart(part, fn, columns, encoding, encode))
  const known = rows.filter((row) => row !== undefined)
  if (known.length < rows.length) return undefined
  const nothing: SetRow = {
    holds: falsity,
    values: (columns ?? []).map(({ type }) =>
      castTo(encoding, nullValue, columnType(type, encoding.subject.catalog)),
    ),
  }
  return known.reduceRight((rest, row) => {
    if (rest.holds === falsity) return row
    const isThis = freeBool(encoding, 'a row of this query').term
    return {
      holds: choose(isThis, row.holds, rest.holds),
      values: row.values.map((value, index) => either(isThis, value, rest.values[index] ?? value)),
    }
  }, nothing)
}

function rowOfPart(
  { select, frame, when }: ReturnedRows,
  fn: FunctionInfo,
  columns: readonly ReturnedColumn[] | undefined,
  encoding: Encoding,
  encode: Encode,
): SetRow | undefined {
  const { select: resolved, frame: inner } = resolvedQuery(select, encoding, frame, fn)
  const match = encoding.encoders.matchRow(resolved, encoding, inner, encode)
  if (match === undefined || columns === undefined) return undefined
  const star = match.targets.length === 0 ? starValues(resolved, encoding, inner) : undefined
  const targets = star === undefined ? match.targets : [...star.values()]
  if (targets.length !== columns.length) return undefined
  const values = columns.map(({ type }, index) =>
    castTo(encoding, targets[index] as Value, columnType(type, encoding.subject.catalog)),
  )
  return { holds: and(when, match.holds), values }
}

/** The queries whose rows together are the result. */
function partsOf(
  fn: FunctionInfo,
  encoding: Encoding,
  frame: Frame,
): readonly ReturnedRows[] | undefined {
  if (fn.language === 'plpgsql') return returnedRows(fn, encoding, frame)
  const last = lastStatement(fn)
  return last?.kind === 'query' ? [{ select: last.select, frame, when: truth }] : undefined
}

/** A row of `function(…)` in FROM, where the function returns a set of known columns. */
export function matchFunction(
  item: FunctionItem,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Term | undefined {
  const { call, occurrence } = item
  if (call.kind !== 'call') {
    encode(call, encoding, frame)
    return undefined
  }
  if (occurrence === null || item.ordinality) return undefined
  const row = rowOf(call, encoding, frame, encode)
  if (row === undefined) return undefined
  const entry = frame.occurrences.find(({ id }) => id === occurrence)
  const names = entry?.columns ?? item.alias?.columns ?? []
  frame.sources.set(occurrence, {
    kind: 'columns',
    values: row.values,
    names: names.length > 0 ? names : [item.alias?.name ?? call.function.name],
  })
  return row.holds
}

function rowOf(call: Call, encoding: Encoding, frame: Frame, encode: Encode): SetRow | undefined {
  if (isPureSet(call)) return unnested(call, encoding, frame, encode)
  const fn = setFunction(call, encoding, frame)
  if (fn !== undefined) return matchSet(fn, call, encoding, frame, encode)
  const target = calledFunction(encoding.subject.catalog, call, frame.path)
  if (target.kind === 'own' && !/^(record|TABLE)/i.test(target.function.returns)) {
    // A function that returns one value is a set of one row in FROM.
    return { holds: truth, values: [encode(call, encoding, frame)] }
  }
  encoding.blockers.add(`${call.function.name}() in FROM, which is not modelled`)
  return undefined
}
