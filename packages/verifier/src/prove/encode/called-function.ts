import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import type { Call } from '../../expr/index.js'
import { oncePer } from '../../graph/once-per.js'
import type { SearchPath } from './frame.js'
import { argumentsOf } from './function-arguments.js'
import { builtinNames } from './pure-functions.js'
import { columnType } from './sql-type.js'
import type { Value } from './value.js'

export type Called =
  | { readonly kind: 'builtin' }
  | { readonly kind: 'own'; readonly function: FunctionInfo }
  | { readonly kind: 'unclear'; readonly reason: string }

/** Functions outside `pg_catalog` by bare name. */
const ownFunctions: (catalog: CatalogSnapshot) => ReadonlyMap<string, readonly FunctionInfo[]> =
  oncePer(({ functions }) => {
    const byName = new Map<string, FunctionInfo[]>()
    for (const fn of functions) {
      if (fn.schema === 'pg_catalog') continue
      const overloads = byName.get(fn.name)
      if (overloads === undefined) byName.set(fn.name, [fn])
      else overloads.push(fn)
    }
    return byName
  })

/**
 * Which function a call means; `pg_catalog` comes first unless a path says otherwise. The values of
 * the arguments, where they are known, tell overloaded functions apart.
 */
export function calledFunction(
  catalog: CatalogSnapshot,
  call: Call,
  path: SearchPath,
  args?: readonly Value[],
): Called {
  const { schema, name } = call.function
  if (schema === 'pg_catalog') return { kind: 'builtin' }
  const named = ownFunctions(catalog).get(name) ?? []
  if (schema === null && (named.length === 0 || path.kind === 'printed')) return { kind: 'builtin' }
  const reachable =
    schema === null ? onPath(named, path) : named.filter((fn) => fn.schema === schema)
  if (reachable === undefined || (schema === null && builtinNames.has(name))) {
    return { kind: 'unclear', reason: 'the search path decides which function it is' }
  }
  const fitting = reachable.filter((fn) => fits(fn, call))
  const [fn, ...others] = reachable.length === 1 ? reachable : exact(catalog, fitting, args)
  if (fn === undefined) return { kind: 'unclear', reason: 'there is no such function' }
  if (others.length > 0) return { kind: 'unclear', reason: 'several functions have the name' }
  return { kind: 'own', function: fn }
}

/** Functions of one schema of the path; undefined when it is not certain which one is found. */
function onPath(
  named: readonly FunctionInfo[],
  path: SearchPath,
): readonly FunctionInfo[] | undefined {
  const schemas = new Set(named.map((fn) => fn.schema))
  // Functions are not looked up among temporary objects (manual, section 20.11.1).
  const reachable =
    path.kind === 'pinned' ? named.filter((fn) => path.schemas.includes(fn.schema)) : named
  const [first] = reachable
  if (first === undefined) return []
  if (path.kind === 'pinned') {
    const schema = path.schemas.find((name) => reachable.some((fn) => fn.schema === name))
    return new Set(reachable.map((fn) => fn.schema)).size === 1
      ? reachable.filter((fn) => fn.schema === schema)
      : undefined
  }
  return schemas.size === 1 ? reachable : undefined
}

function fits(fn: FunctionInfo, { args }: Call): boolean {
  const declared = argumentsOf(fn)
  if (declared === undefined || args.length > declared.length) return false
  const given = new Set(args.flatMap(({ name }) => (name === null ? [] : [name])))
  const positional = args.length - given.size
  return declared.every(
    ({ name, otherwise }, index) =>
      index < positional || (name !== null && given.has(name)) || otherwise !== null,
  )
}

/** The functions whose argument types are those of the values, where several fit. */
function exact(
  catalog: CatalogSnapshot,
  fitting: readonly FunctionInfo[],
  args: readonly Value[] | undefined,
): readonly FunctionInfo[] {
  if (fitting.length < 2 || args === undefined) return fitting
  const hasUntyped = args.some(({ type }) => type === 'literal' || type === 'null')
  if (hasUntyped) return fitting
  const same = fitting.filter((fn) => {
    const declared = argumentsOf(fn) ?? []
    return (
      declared.length === args.length &&
      declared.every(({ type }, index) => columnType(type, catalog) === args[index]?.type)
    )
  })
  return same.length === 1 ? same : fitting
}
