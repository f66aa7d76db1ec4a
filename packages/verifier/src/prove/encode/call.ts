import type { ExprOf } from '../../expr/index.js'
import { castTo } from './cast.js'
import { approximated, blocked } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import { now } from './statement-time.js'
import type { Frame } from './frame.js'
import { calledFunction, inlineCall } from './inline.js'
import { jsonSteps, jsonText } from './json.js'
import { currentSetting } from './setting.js'
import type { SqlType, Value } from './value.js'

/** Built-in functions that return a value and do nothing else; the value is not modelled. */
const pure: Readonly<Record<string, SqlType>> = {
  ...all(
    'text',
    'lower upper btrim ltrim rtrim trim substr substring left right split_part concat concat_ws md5 replace reverse to_char regexp_replace translate initcap lpad rpad repeat format quote_literal quote_ident encode array_to_string json_typeof jsonb_typeof text',
  ),
  ...all(
    'int',
    'length char_length character_length octet_length array_length cardinality strpos position array_position jsonb_array_length json_array_length abs sign ascii',
  ),
  ...all(
    'bool',
    'starts_with jsonb_exists jsonb_exists_any jsonb_exists_all pg_has_role has_table_privilege has_schema_privilege isfinite regexp_like',
  ),
  ...all(
    'json',
    'to_json to_jsonb row_to_json jsonb_build_object json_build_object jsonb_build_array json_build_array jsonb_set',
  ),
  ...all(
    'other:value',
    'date_trunc date_part extract age make_interval round floor ceil ceiling trunc mod sha256 digest decode string_to_array array_append array_cat array_remove regexp_match regexp_split_to_array to_date to_timestamp numeric',
  ),
}

function all(type: SqlType, names: string): Readonly<Record<string, SqlType>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]))
}

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
  const isPlain =
    call.aggregate === null && !call.variadic && call.args.every(({ name }) => name === null)
  if (encoding.subject.kernel.isKernelFunction(call.function)) {
    const value = encoding.subject.kernel.value(encoding, call.function.name, args)
    return (
      value ?? blocked(encoding, 'other:call', `${printed}(), which is not as watertight makes it`)
    )
  }
  const target = calledFunction(encoding, call.function, args.length, frame.path)
  if (target.kind === 'unclear') {
    return blocked(encoding, 'other:call', `${printed}(): ${target.reason}`)
  }
  if (target.kind === 'own') {
    if (!isPlain) return blocked(encoding, 'other:call', `${printed}() with named arguments`)
    return inlineCall(target.function, args, encoding, frame)
  }
  return builtinCall(call.function.name, call, args, encoding, frame)
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
  const type = pure[name]
  if (type === undefined || call.aggregate !== null) {
    return blocked(encoding, 'other:call', `${name}(), which is not modelled`)
  }
  return approximated(encoding, type, `${name}()`)
}
