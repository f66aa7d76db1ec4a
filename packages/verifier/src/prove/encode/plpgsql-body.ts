import type { FunctionInfo } from 'watertight/catalog'
import { ident, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { parsePlpgsqlBody } from '../../expr/index.js'
import type { Expr, PlpgsqlBody, PlpgsqlStatement, PlpgsqlVariable } from '../../expr/index.js'
import { oncePer } from '../../graph/once-per.js'
import { falsity, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { resolvedValue } from './body-names.js'
import { castTo } from './cast.js'
import { free } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { castType, columnType } from './sql-type.js'
import { noteTemporaryType } from './temporary-type.js'
import { bool, nullValue } from './value.js'
import type { SqlType, Value } from './value.js'

/** The run of one PL/pgSQL function. */
export interface Run {
  readonly fn: FunctionInfo
  readonly encoding: Encoding
  readonly types: ReadonlyMap<string, SqlType>
}

/** A run at the first statement of its body. */
export interface Started {
  readonly run: Run
  readonly frame: Frame
  readonly statements: readonly PlpgsqlStatement[]
  /** An initial value fails. */
  readonly fails: Term
}

/** Enters a function's body: its variables have their initial values. */
export function startRun(fn: FunctionInfo, encoding: Encoding, frame: Frame): Started | undefined {
  const body = parsedBody(fn)
  if (body === undefined) return undefined
  const types = new Map<string, SqlType>()
  for (const [name, { type }] of frame.arguments) types.set(name, type)
  // FOUND hides a parameter of its name, and is hidden by a variable (manual, section 43.5.5).
  types.delete('found')
  for (const variable of body.variables) {
    types.set(variable.name, typeOf(variable, encoding))
    if (variable.type !== null) noteTemporaryType(encoding, frame, variable.type)
  }
  const run: Run = { fn, encoding, types }
  let values = new Map<string, Value>([...frame.arguments, ['found', bool(falsity)]])
  let fails = falsity
  for (const { name, initial } of body.variables) {
    const value =
      initial === null ? nullValue : evaluate(initial, run, { ...frame, arguments: values })
    const typed = castTo(encoding, value, types.get(name) ?? 'text')
    fails = or(fails, typed.fails)
    values = new Map([...values, [name, typed]])
  }
  return { run, frame: { ...frame, arguments: values }, statements: body.statements, fails }
}

/** The value of an expression of the body. */
export function evaluate(expr: Expr, { fn, encoding }: Run, frame: Frame): Value {
  const { expr: resolved, frame: inner } = resolvedValue(expr, encoding, frame, fn)
  return encoding.encoders.encode(resolved, encoding, inner)
}

/** Variables that statements set may have any value after one of them failed. */
export function withUncertain(
  statements: readonly PlpgsqlStatement[],
  { encoding, types }: Run,
  frame: Frame,
): Frame {
  const names = ['found', ...statements.flatMap(setBy)]
  const values = names.map(
    (name) =>
      [
        name,
        free(encoding, types.get(name) ?? (name === 'found' ? 'bool' : 'text'), name),
      ] as const,
  )
  return { ...frame, arguments: new Map([...frame.arguments, ...values]) }
}

function setBy(statement: PlpgsqlStatement): readonly string[] {
  switch (statement.kind) {
    case 'assign':
      return [statement.variable]
    case 'select-into':
      return statement.targets
    case 'if':
      return [...statement.branches.flatMap(({ body }) => body), ...statement.otherwise].flatMap(
        setBy,
      )
    case 'block':
      return [...statement.body, ...statement.handlers.flat()].flatMap(setBy)
    default:
      return []
  }
}

/** A function's body, once per function; undefined for one that is not modelled. */
export const parsedBody: (fn: FunctionInfo) => PlpgsqlBody | undefined = oncePer((fn) => {
  const name = qualifiedName(fn.schema, fn.name)
  const statement = sql`create function ${name}(${trustedSql(fn.identityArguments)}) returns ${trustedSql(fn.returns)} language ${ident('plpgsql')} as ${literal(fn.body)}`
  try {
    const body = parsePlpgsqlBody(statement.text)
    return body.kind === 'opaque' ? undefined : body
  } catch {
    return undefined
  }
})

/** A type of another name is a value of which nothing is known. */
function typeOf({ type, typeText }: PlpgsqlVariable, encoding: Encoding): SqlType {
  const { catalog } = encoding.subject
  if (type !== null) {
    const isRow = catalog.relations.some(
      ({ schema, name }) => name === type.name && (type.schema ?? schema) === schema,
    )
    return isRow && type.dimensions.length === 0 ? 'other:row' : castType(type, catalog)
  }
  const column = /^(?:"?(\w+)"?\.)?"?(\w+)"?\."?(\w+)"?%type$/i.exec(typeText)
  if (column === null) return 'other:row'
  const [, schema, table, name] = column
  const relations = catalog.relations.filter(
    (relation) => relation.name === table && (schema === undefined || relation.schema === schema),
  )
  const found = relations[0]?.columns.find((entry) => entry.name === name)
  return relations.length === 1 && found !== undefined
    ? columnType(found.baseType, catalog)
    : 'other:variable'
}
