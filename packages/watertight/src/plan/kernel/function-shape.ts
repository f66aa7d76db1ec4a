import type { FunctionInfo } from '../../catalog/index.js'
import {
  dollarQuoted,
  ident,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'

/** Schema of everything that watertight owns apart from your own tables. */
export const kernelSchema = 'watertight'

/** Everything that decides what a kernel function does. */
export interface FunctionShape {
  readonly name: string
  /** As `pg_get_function_identity_arguments()` prints them; empty without arguments. */
  readonly identityArguments: string
  readonly returns: string
  readonly language: 'plpgsql' | 'sql'
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly securityDefiner: boolean
  readonly parallelSafe: boolean
  /** `SET` clauses, by the name of the setting. */
  readonly settings: Readonly<Record<string, string>>
  /** Only the kernel itself calls it: no role of the model may. */
  readonly isInternal: boolean
  readonly body: Sql
}

/** The `SET` clause of functions whose names must mean what they meant to us. */
export const pinned: FunctionShape['settings'] = { search_path: 'pg_catalog, pg_temp' }

/** The statement that makes the function what its shape says, whether or not it exists. */
export function createFunction(shape: FunctionShape): Sql {
  const clauses = [
    sql`create or replace function ${signature(shape)}`,
    sql`returns ${trustedSql(shape.returns)}`,
    sql`language ${trustedSql(shape.language)}`,
    trustedSql(shape.volatility),
    trustedSql(shape.parallelSafe ? 'parallel safe' : 'parallel unsafe'),
  ]
  if (shape.securityDefiner) clauses.push(sql`security definer`)
  for (const [name, value] of Object.entries(shape.settings)) {
    const list = joinSql(value.split(', ').map((item) => ident(item)))
    clauses.push(sql`set ${ident(name)} = ${name === 'search_path' ? list : literal(value)}`)
  }
  return sql`${joinSql(clauses, '\n')}\nas ${dollarQuoted(shape.body)}`
}

/** `watertight.name(arguments)`. */
export function signature(shape: Pick<FunctionShape, 'name' | 'identityArguments'>): Sql {
  return sql`${qualifiedName(kernelSchema, shape.name)}(${trustedSql(shape.identityArguments)})`
}

/** The id of the step that makes a kernel function; policies and defaults require it. */
export function functionStepId(name: string): string {
  return `function:${kernelSchema}.${name}`
}

/** Reads the shape of an existing function back from the catalog. */
export function shapeOf(info: FunctionInfo): FunctionShape {
  return {
    name: info.name,
    identityArguments: info.identityArguments,
    returns: info.returns,
    language: info.language === 'sql' ? 'sql' : 'plpgsql',
    volatility: info.volatility,
    securityDefiner: info.securityDefiner,
    parallelSafe: info.parallel === 'safe',
    settings: info.settings,
    isInternal: info.acl.every(({ grantee }) => grantee === info.owner),
    body: trustedSql(info.body),
  }
}

/** True when the existing function is exactly the wanted one. */
export function isSameFunction(info: FunctionInfo, shape: FunctionShape): boolean {
  const actual = shapeOf(info)
  return (
    info.language === shape.language &&
    info.volatility === shape.volatility &&
    actual.returns === shape.returns &&
    actual.identityArguments === shape.identityArguments &&
    actual.securityDefiner === shape.securityDefiner &&
    actual.parallelSafe === shape.parallelSafe &&
    !info.leakproof &&
    hasSettings(info, shape.settings) &&
    info.body === shape.body.text
  )
}

function hasSettings({ settings }: FunctionInfo, wanted: FunctionShape['settings']): boolean {
  const names = Object.keys(wanted)
  return (
    Object.keys(settings).length === names.length &&
    names.every((name) => settings[name] === wanted[name])
  )
}
