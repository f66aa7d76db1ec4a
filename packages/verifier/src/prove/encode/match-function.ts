import type { Expr, FunctionItem } from '../../expr/index.js'
import type { Term } from '../terms/term.js'
import { resolvedQuery } from './body-names.js'
import { castTo } from './cast.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { calledFunction, frameOf, identityOf, lastStatement, refusal } from './inline.js'
import { matchRow } from './match-row.js'
import { columnType } from './sql-type.js'
import type { Value } from './value.js'

type Encode = (expr: Expr, encoding: Encoding, frame: Frame) => Value

/** A row of `function(…)` in FROM, where the function is SQL that returns a set of one column. */
export function matchFunction(
  item: FunctionItem,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Term | undefined {
  const { call, occurrence } = item
  if (call.kind !== 'call' || occurrence === null) return undefined
  const args = call.args.map(({ value }) => encode(value, encoding, frame))
  const target = calledFunction(encoding, call.function, args.length, frame.path)
  if (
    target.kind === 'builtin' &&
    [
      'unnest',
      'jsonb_array_elements_text',
      'json_array_elements_text',
      'regexp_split_to_table',
      'generate_series',
      'string_to_table',
    ].includes(call.function.name)
  ) {
    return undefined
  }
  if (target.kind !== 'own') {
    encoding.blockers.add(`${call.function.name}() in FROM, which is not modelled`)
    return undefined
  }
  const fn = target.function
  const reason = fn.language === 'sql' ? refusal(fn, encoding, frame) : 'it returns a set'
  const inner = frameOf(fn, args, encoding, frame)
  const last = lastStatement(fn)
  if (reason !== undefined || inner === undefined || last?.kind !== 'query') {
    encoding.blockers.add(`${identityOf(fn)}: ${reason ?? 'its body is not modelled'}`)
    return undefined
  }
  const { select, frame: bodyFrame } = resolvedQuery(last.select, encoding, inner, fn)
  const match = matchRow(select, encoding, bodyFrame, encode)
  if (match === undefined) return undefined
  const entry = frame.occurrences.find(({ id }) => id === occurrence)
  const element = /^(?:SETOF )?([a-z0-9_ ]+)$/i.exec(fn.returns)?.[1]
  const [only, ...more] = match.targets
  if (only === undefined || more.length > 0 || element === undefined) return undefined
  const type = columnType(element, encoding.subject.catalog)
  frame.sources.set(occurrence, {
    kind: 'columns',
    values: [castTo(encoding, only, type)],
    names: entry?.columns ?? [fn.name],
  })
  return match.holds
}
