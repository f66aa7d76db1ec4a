import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { resolve, resolveQuery } from '../../expr/index.js'
import type { Expr, NameLookup, ParameterNames, ResolveProblem, Select } from '../../expr/index.js'
import { calledFunction } from './called-function.js'
import type { Encoding } from './encoding.js'
import type { Frame, SearchPath } from './frame.js'
import { returnedColumns } from './returned-columns.js'

/** How names of relations are looked up where an expression stands. */
export function lookupIn(catalog: CatalogSnapshot, path: SearchPath): NameLookup {
  return {
    functionColumns(call) {
      const target = calledFunction(catalog, call, path)
      const columns = target.kind === 'own' ? returnedColumns(target.function, catalog) : undefined
      if (columns === undefined) return null
      return columns[0]?.name === null ? 'scalar' : columns.map(({ name }) => name ?? '')
    },
    relation({ schema, name }) {
      const find = (wanted: string): Relation | undefined => findRelation(catalog, wanted, name)
      const found =
        schema !== null
          ? find(schema)
          : // SECURITY: without pg_temp at the end a temporary table comes first (manual, section 5.10.3).
            path.kind === 'pinned' && path.tempLast
            ? path.schemas.map(find).find((entry) => entry !== undefined)
            : undefined
      if (found === undefined) return null
      return {
        schema: found.schema,
        name: found.name,
        columns: found.columns.map((column) => column.name),
      }
    },
  }
}

/** Resolves an expression of a function's body and gives it a frame of its own. */
export function resolvedValue(
  expr: Expr,
  encoding: Encoding,
  frame: Frame,
  fn: FunctionInfo,
): { expr: Expr; frame: Frame } {
  const options = {
    lookup: lookupIn(encoding.subject.catalog, frame.path),
    parameters: parametersOf(frame, fn),
  }
  const { node, occurrences, problems } = resolve(expr, options)
  note(encoding, frame, fn, problems)
  return { expr: node, frame: { ...frame, sources: new Map(), occurrences } }
}

/** Resolves a query of a function's body and gives it a frame of its own. */
export function resolvedQuery(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  fn: FunctionInfo,
): { select: Select; frame: Frame } {
  const options = {
    lookup: lookupIn(encoding.subject.catalog, frame.path),
    parameters: parametersOf(frame, fn),
  }
  const { node, occurrences, problems } = resolveQuery(select, options)
  note(encoding, frame, fn, problems)
  return { select: node, frame: { ...frame, sources: new Map(), occurrences } }
}

function parametersOf(frame: Frame, fn: FunctionInfo): ParameterNames {
  return {
    functionName: fn.name,
    names: [...frame.arguments.keys()],
    whenColumn: fn.language === 'plpgsql' ? 'error' : 'column-wins',
  }
}

function note(
  encoding: Encoding,
  { path }: Frame,
  fn: FunctionInfo,
  problems: readonly ResolveProblem[],
): void {
  const isShadowed = path.kind === 'caller' || (path.kind === 'pinned' && !path.tempLast)
  // What follows from a table that is not known, such as its columns, would only hide the reason.
  if (isShadowed && problems.some(({ reason }) => reason === 'unknown-relation')) {
    encoding.blockers.add(
      `${fn.schema}.${fn.name} names a table without its schema, and its search_path does not end in pg_temp: a temporary table can take the place`,
    )
    return
  }
  for (const { message } of problems) {
    encoding.blockers.add(`${fn.schema}.${fn.name}: ${message}`)
  }
}
