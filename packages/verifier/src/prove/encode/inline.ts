import type { FunctionInfo } from 'watertight/catalog'
import { parseSqlFunctionBody } from '../../expr/index.js'
import type { Call, Expr, SqlStatement } from '../../expr/index.js'
import { oncePer } from '../../graph/once-per.js'
import { and, not, or } from '../terms/term.js'
import { resolvedQuery, resolvedValue } from './body-names.js'
import { castTo } from './cast.js'
import { blocked, remembered } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { argumentsOf } from './function-arguments.js'
import { encodePlpgsql } from './plpgsql.js'
import { canMakeFunctions, isWritable, pathOfFunction } from './search-path.js'
import { columnType } from './sql-type.js'
import { scalarValue } from './subquery.js'
import { nullValue } from './value.js'
import type { Value } from './value.js'

/**
 * Settings that change no value. `row_security` off makes a query fail where policies would filter
 * it, and lets nobody past them: an error refuses, or a handler that may run anyhow takes it.
 */
const harmlessSettings: ReadonlySet<string> = new Set([
  'search_path',
  'plan_cache_mode',
  'jit',
  'row_security',
])

/** Why a function cannot be inlined; undefined when it can. */
export function refusal(fn: FunctionInfo, encoding: Encoding, frame: Frame): string | undefined {
  if (fn.kind !== 'function') return `it is a ${fn.kind}`
  if (fn.language !== 'sql' && fn.language !== 'plpgsql') return `it is written in ${fn.language}`
  const changed = Object.keys(fn.settings).find((name) => !harmlessSettings.has(name))
  if (changed !== undefined) return `it sets ${changed}`
  if (frame.calls.includes(identityOf(fn)) || frame.calls.length > 8) return 'it calls itself'
  const path = pathOfFunction(fn)
  if (path.kind === 'pinned') {
    const open = path.schemas.find((name) => name !== 'pg_temp' && isWritable(encoding, name))
    if (open !== undefined)
      return `its search_path has ${open}, where a runtime role may make objects`
  }
  if (path.kind === 'caller' && canMakeFunctions(encoding)) {
    return 'it has no search_path of its own, and a runtime role may make functions to take the place of those it calls'
  }
  return undefined
}

export function identityOf(fn: FunctionInfo): string {
  return `${fn.schema}.${fn.name}(${fn.identityArguments})`
}

/** The value of a call, from the function's body. */
export function inlineCall(
  fn: FunctionInfo,
  call: Call,
  args: readonly Value[],
  encoding: Encoding,
  frame: Frame,
): Value {
  const type = columnType(fn.returns, encoding.subject.catalog)
  const reason = fn.returnsSet ? 'it returns a set' : refusal(fn, encoding, frame)
  if (reason !== undefined) return blocked(encoding, type, `${identityOf(fn)}: ${reason}`)
  const inner = frameOf(fn, call, args, encoding, frame)
  if (inner === undefined)
    return blocked(encoding, type, `${identityOf(fn)}: its arguments are not modelled`)
  const evaluate = (): Value => {
    const value = castTo(encoding, bodyValue(fn, encoding, inner), type)
    if (!fn.strict) return value
    const someNull = or(...inner.numbered.map(({ isNull }) => isNull))
    // A strict function with a NULL argument is not run.
    return {
      ...value,
      isNull: or(someNull, value.isNull),
      fails: and(not(someNull), value.fails),
    }
  }
  // A STABLE function without arguments gives one answer for the whole statement.
  if (args.length > 0 || fn.volatility === 'volatile') return evaluate()
  const immutable = inner.immutable ? ' immutable' : ''
  return remembered(encoding, `${identityOf(fn)} as ${inner.role}${immutable}`, evaluate)
}

/** Where a function's body is evaluated; undefined when its arguments are not modelled. */
export function frameOf(
  fn: FunctionInfo,
  call: Call,
  args: readonly Value[],
  encoding: Encoding,
  frame: Frame,
): Frame | undefined {
  const declared = argumentsOf(fn)
  if (declared === undefined || args.length > declared.length) return undefined
  const { catalog } = encoding.subject
  const numbered: Value[] = []
  for (const [index, { name, type, otherwise }] of declared.entries()) {
    const at = call.args.findIndex((arg, place) =>
      arg.name === null ? place === index : arg.name === name,
    )
    const given = args[at]
    if (given === undefined && otherwise === null) return undefined
    const value = given ?? defaultValue(otherwise, encoding, frame)
    numbered.push(castTo(encoding, value, columnType(type, catalog)))
  }
  const named = declared.flatMap(({ name }, index) =>
    name === null ? [] : [[name, numbered[index] as Value] as const],
  )
  if (fn.securityDefiner && pathOfFunction(fn).kind === 'caller') {
    encoding.assumptions.add('runtime roles cannot make schemas')
  }
  // What writes is not modelled, so only reading is left: of the rows of now instead of the statement's.
  if (fn.volatility === 'volatile') {
    encoding.assumptions.add('VOLATILE functions answer as they did when the statement began')
  }
  return {
    sources: new Map(),
    occurrences: [],
    role: fn.securityDefiner ? fn.owner : frame.caller,
    caller: fn.securityDefiner ? fn.owner : frame.caller,
    arguments: new Map(named),
    numbered,
    immutable: frame.immutable || fn.volatility === 'immutable',
    calls: [...frame.calls, identityOf(fn)],
    path: pathOfFunction(fn),
  }
}

/** A default is text of the catalog, which knows no columns and no arguments. */
function defaultValue(otherwise: Expr | null, encoding: Encoding, frame: Frame): Value {
  if (otherwise === null) return nullValue
  return encoding.encoders.encode(otherwise, encoding, {
    ...frame,
    sources: new Map(),
    occurrences: [],
    arguments: new Map(),
    numbered: [],
    path: { kind: 'printed' },
  })
}

function bodyValue(fn: FunctionInfo, encoding: Encoding, frame: Frame): Value {
  if (fn.language === 'plpgsql') return encodePlpgsql(fn, encoding, frame)
  const last = lastStatement(fn)
  if (last === undefined || last.kind === 'opaque') {
    return blocked(encoding, 'other:body', `${identityOf(fn)}: its body is not a single query`)
  }
  if (last.kind === 'return') {
    const { expr, frame: inner } = resolvedValue(last.value, encoding, frame, fn)
    return encoding.encoders.encode(expr, encoding, inner)
  }
  const { select, frame: inner } = resolvedQuery(last.select, encoding, frame, fn)
  return scalarValue(select, encoding, inner, encoding.encoders.encode)
}

/** The only statement of a SQL body. */
export const lastStatement: (fn: FunctionInfo) => SqlStatement | undefined = oncePer((fn) => {
  try {
    const argNames = (argumentsOf(fn) ?? []).map(({ name }) => name)
    const { statements } = parseSqlFunctionBody(fn.body, { returns: fn.returns, argNames })
    return statements.length === 1 ? statements[0] : undefined
  } catch {
    return undefined
  }
})
