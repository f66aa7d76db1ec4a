import type { ExprOf } from '../../expr/index.js'
import { apply } from '../terms/term.js'
import { castTo } from './cast.js'
import { approximated, blocked } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import { now } from './statement-time.js'
import type { Frame } from './frame.js'
import { calledFunction } from './called-function.js'
import { inlineCall } from './inline.js'
import { jsonSteps, jsonText } from './json.js'
import { pureFunctions } from './pure-functions.js'
import { currentSetting } from './setting.js'
import type { Value } from './value.js'

/** A function call: what is known of the result, or why the answer is worthless. */
export function encodeCall(
  call: ExprOf<'call'>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const args = call.args.map(({ value }) => encode(value, encoding, frame))
  const printed = [call.function.schema, call.function.name]
    .filter((part) => part !== null)
    .join('.')
  const isPlain = call.aggregate === null && !call.variadic
  if (encoding.subject.kernel.isKernelFunction(call.function)) {
    if (frame.immutable) {
      return blocked(
        encoding,
        'other:call',
        `a function declared IMMUTABLE that calls ${printed}()`,
      )
    }
    const value = encoding.subject.kernel.value(encoding, call.function.name, args)
    return (
      value ??
      blocked(encoding, 'other:call', `${printed}(), called as watertight does not call it`)
    )
  }
  const target = calledFunction(encoding.subject.catalog, call, frame.path, args)
  if (target.kind === 'unclear') {
    return blocked(encoding, 'other:call', `${printed}(): ${target.reason}`)
  }
  if (target.kind === 'own') {
    if (!isPlain) return blocked(encoding, 'other:call', `${printed}() with VARIADIC arguments`)
    return inlineCall(target.function, call, args, encoding, frame)
  }
  return builtinCall(call.function.name, call, args, encoding, frame)
}

/** A strict function of a text: equal texts give equal results. */
function ofText({ term, isNull, fails }: Value, fn: string): Omit<Value, 'type'> {
  return { term: apply(fn, 'int', [term]), isNull, fails }
}

function builtinCall(
  name: string,
  call: ExprOf<'call'>,
  args: readonly Value[],
  encoding: Encoding,
  frame: Frame,
): Value {
  switch (name) {
    case 'current_setting':
      if (frame.immutable) {
        return blocked(encoding, 'text', 'a function declared IMMUTABLE that reads a setting')
      }
      return currentSetting(encoding, args)
    case 'now':
    case 'transaction_timestamp':
      return now(encoding)
    case 'statement_timestamp':
    case 'clock_timestamp':
      return approximated(encoding, 'time:timestamptz', `${name}()`)
    case 'translate': {
      const [source, from, to] = args
      if (source === undefined || from?.raw !== '{}' || to?.raw !== '') break
      encoding.gaps.add('translate()')
      return { ...ofText(castTo(encoding, source, 'text'), 'without braces'), type: 'text' }
    }
    case 'string_to_array': {
      const [source, separator, ...more] = args
      if (source === undefined || separator?.raw !== ',' || more.length > 0) break
      encoding.gaps.add('string_to_array()')
      return { ...ofText(castTo(encoding, source, 'text'), 'listed'), type: 'array:text' }
    }
    case 'jsonb_extract_path_text':
    case 'json_extract_path_text': {
      const [document, ...keys] = args.map((arg) => castTo(encoding, arg, arg.type))
      const path = keys
        .map(({ raw }) => raw)
        .filter((raw) => raw !== undefined && !/^-?\d+$/.test(raw))
      if (document?.type === 'json' && path.length === keys.length && !call.variadic) {
        return jsonText(
          jsonSteps(
            document,
            path.filter((key) => key !== undefined),
          ),
        )
      }
      return approximated(encoding, 'text', `${name}()`)
    }
  }
  const type = pureFunctions[name]
  if (type === undefined || call.aggregate !== null) {
    return blocked(encoding, 'other:call', `${name}(), which is not modelled`)
  }
  return approximated(encoding, type, `${name}()`)
}
