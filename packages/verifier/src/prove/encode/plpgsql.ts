import type { FunctionInfo } from 'watertight/catalog'
import { ident, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { parsePlpgsqlBody } from '../../expr/index.js'
import type { Expr, PlpgsqlBody, PlpgsqlStatement, PlpgsqlVariable } from '../../expr/index.js'
import { oncePer } from '../../graph/once-per.js'
import { falsity, or, truth } from '../terms/term.js'
import { resolvedQuery, resolvedValue } from './body-names.js'
import { castTo } from './cast.js'
import { blocked } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { castType, columnType } from './sql-type.js'
import { scalarValue } from './subquery.js'
import { either, failure, isTrue, nullValue } from './value.js'
import type { SqlType, Value } from './value.js'

interface Run {
  readonly fn: FunctionInfo
  readonly encoding: Encoding
  readonly types: ReadonlyMap<string, SqlType>
}

/** The value of a PL/pgSQL function without loops, dynamic SQL and exception handlers. */
export function encodePlpgsql(fn: FunctionInfo, encoding: Encoding, frame: Frame): Value {
  const body = parsed(fn)
  if (body === undefined)
    return blocked(encoding, 'other:body', `${fn.schema}.${fn.name}: its body is not modelled`)
  const types = new Map<string, SqlType>()
  for (const [name, { type }] of frame.arguments) types.set(name, type)
  for (const variable of body.variables) {
    const type = typeOf(variable, encoding)
    if (type === undefined) {
      return blocked(
        encoding,
        'other:body',
        `${fn.schema}.${fn.name}: the type ${variable.typeText}`,
      )
    }
    types.set(variable.name, type)
  }
  const run: Run = { fn, encoding, types }
  let values: ReadonlyMap<string, Value> = frame.arguments
  let fails = falsity
  for (const { name, initial } of body.variables) {
    const value =
      initial === null ? nullValue : evaluate(initial, run, { ...frame, arguments: values })
    const typed = castTo(encoding, value, types.get(name) ?? 'text')
    fails = or(fails, typed.fails)
    values = new Map([...values, [name, typed]])
  }
  const result = runStatements(body.statements, run, { ...frame, arguments: values })
  return { ...result, fails: or(fails, result.fails) }
}

function typeOf({ type }: PlpgsqlVariable, encoding: Encoding): SqlType | undefined {
  if (type === null) return undefined
  const found = castType(type, encoding.subject.catalog)
  return found.startsWith('other:') ? undefined : found
}

const parsed: (fn: FunctionInfo) => PlpgsqlBody | undefined = oncePer((fn) => {
  const name = qualifiedName(fn.schema, fn.name)
  const statement = sql`create function ${name}(${trustedSql(fn.identityArguments)}) returns ${trustedSql(fn.returns)} language ${ident('plpgsql')} as ${literal(fn.body)}`
  try {
    const body = parsePlpgsqlBody(statement.text)
    return body.kind === 'opaque' ? undefined : body
  } catch {
    return undefined
  }
})

function evaluate(expr: Expr, { fn, encoding }: Run, frame: Frame): Value {
  const { expr: resolved, frame: inner } = resolvedValue(expr, encoding, frame, fn)
  return encoding.encoders.encode(resolved, encoding, inner)
}

/** Runs statements to the first RETURN; the end of the body is one that fails. */
function runStatements(statements: readonly PlpgsqlStatement[], run: Run, frame: Frame): Value {
  const { encoding, fn } = run
  const type = columnType(fn.returns, encoding.subject.catalog)
  const [first, ...rest] = statements
  // "control reached end of function without RETURN" is an error.
  if (first === undefined)
    return failure(type, type === 'bool' ? falsity : { kind: 'number', digits: '0' })
  switch (first.kind) {
    case 'return': {
      const value = first.value === null ? nullValue : evaluate(first.value, run, frame)
      return castTo(encoding, value, type)
    }
    case 'assign':
      return assigned(first.variable, evaluate(first.value, run, frame), rest, run, frame)
    case 'select-into': {
      const [target] = first.targets
      if (first.record || target === undefined || first.targets.length > 1) break
      const { select, frame: inner } = resolvedQuery(first.select, encoding, frame, fn)
      return assigned(
        target,
        scalarValue(select, encoding, inner, encoding.encoders.encode),
        rest,
        run,
        frame,
      )
    }
    case 'if': {
      const otherwise = runStatements([...first.otherwise, ...rest], run, frame)
      return first.branches.reduceRight((no, { condition, body }) => {
        const test = castTo(encoding, evaluate(condition, run, frame), 'bool')
        const chosen = either(isTrue(test), runStatements([...body, ...rest], run, frame), no)
        return { ...chosen, fails: or(test.fails, chosen.fails) }
      }, otherwise)
    }
    case 'raise':
      if (first.level === 'message') return runStatements(rest, run, frame)
      return failure(type, type === 'bool' ? truth : { kind: 'number', digits: '0' })
    case 'return-query':
    case 'perform':
    case 'opaque':
      break
  }
  const what = first.kind === 'opaque' ? first.reason : `a ${first.kind} statement`
  return blocked(encoding, type, `${fn.schema}.${fn.name}: ${what}`)
}

function assigned(
  name: string,
  value: Value,
  rest: readonly PlpgsqlStatement[],
  run: Run,
  frame: Frame,
): Value {
  const type = run.types.get(name)
  if (type === undefined) return blocked(run.encoding, 'other:body', `the variable ${name}`)
  const typed = castTo(run.encoding, value, type)
  const result = runStatements(rest, run, {
    ...frame,
    arguments: new Map([...frame.arguments, [name, typed]]),
  })
  return { ...result, fails: or(typed.fails, result.fails) }
}
