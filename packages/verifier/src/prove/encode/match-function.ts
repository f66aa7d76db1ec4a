import type { FunctionInfo } from 'watertight/catalog'
import type { Call, Expr, FunctionItem } from '../../expr/index.js'
import type { Term } from '../terms/term.js'
import { resolvedQuery } from './body-names.js'
import { castTo } from './cast.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { calledFunction, frameOf, identityOf, lastStatement, refusal } from './inline.js'
import { columnType } from './sql-type.js'
import type { Value } from './value.js'

/** Built-in functions that return a set and do nothing else. */
const pureSets: ReadonlySet<string> = new Set(
  `unnest jsonb_array_elements_text json_array_elements_text jsonb_array_elements
  json_array_elements regexp_split_to_table generate_series string_to_table jsonb_object_keys`.split(
    /\s+/,
  ),
)

/** The function that a call means when it is one of the database's own that returns a set. */
export function setFunction(
  expr: Expr,
  encoding: Encoding,
  frame: Frame,
): FunctionInfo | undefined {
  if (expr.kind !== 'call') return undefined
  const target = calledFunction(encoding, expr.function, expr.args.length, frame.path)
  return target.kind === 'own' && target.function.returnsSet ? target.function : undefined
}

/** Whether a call is of a built-in function that returns a set. */
export function isPureSet(expr: Expr): boolean {
  return expr.kind === 'call' && pureSets.has(expr.function.name)
}

/** Some value that a SQL function returns as one of its set; undefined if it is not modelled. */
export function matchSet(
  fn: FunctionInfo,
  call: Call,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): { holds: Term; value: Value } | undefined {
  const args = call.args.map(({ value }) => encode(value, encoding, frame))
  const reason =
    fn.language === 'sql' ? refusal(fn, encoding, frame) : `it is a set in ${fn.language}`
  const inner = frameOf(fn, args, encoding, frame)
  const last = lastStatement(fn)
  if (reason !== undefined || inner === undefined || last?.kind !== 'query') {
    encoding.blockers.add(`${identityOf(fn)}: ${reason ?? 'its body is not modelled'}`)
    return undefined
  }
  const { select, frame: bodyFrame } = resolvedQuery(last.select, encoding, inner, fn)
  const match = encoding.encoders.matchRow(select, encoding, bodyFrame, encode)
  const element = /^(?:SETOF )?([a-z0-9_ ]+)$/i.exec(fn.returns)?.[1]
  const [only, ...more] = match?.targets ?? []
  if (match === undefined || only === undefined || more.length > 0 || element === undefined) {
    return undefined
  }
  const type = columnType(element, encoding.subject.catalog)
  return { holds: match.holds, value: castTo(encoding, only, type) }
}

/** A row of `function(…)` in FROM, where the function is SQL that returns a set of one column. */
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
  if (isPureSet(call)) {
    for (const { value } of call.args) encode(value, encoding, frame)
    return undefined
  }
  if (occurrence === null) return undefined
  const fn = setFunction(call, encoding, frame)
  if (fn === undefined) {
    encoding.blockers.add(`${call.function.name}() in FROM, which is not modelled`)
    return undefined
  }
  const match = matchSet(fn, call, encoding, frame, encode)
  if (match === undefined) return undefined
  const entry = frame.occurrences.find(({ id }) => id === occurrence)
  frame.sources.set(occurrence, {
    kind: 'columns',
    values: [match.value],
    names: entry?.columns ?? [fn.name],
  })
  return match.holds
}
