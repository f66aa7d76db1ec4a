import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import type { Call, NameLookup } from '../../expr/index.js'
import { argumentsOf } from '../../prove/encode/function-arguments.js'
import { returnedColumns } from '../../prove/encode/returned-columns.js'

/** Names as they are most likely meant: an inference is a proposal, and proofs look names up strictly. */
export interface LikelyNames extends NameLookup {
  function(call: Call): FunctionInfo | undefined
}

/** Builds the lookup over a snapshot. */
export function likelyNames(catalog: CatalogSnapshot): LikelyNames {
  const relations = groupedByName(catalog.relations)
  const functions = groupedByName(catalog.functions)
  const find = (call: Call): FunctionInfo | undefined => {
    const { schema, name } = call.function
    const named = (functions.get(name) ?? []).filter(
      (fn) => fn.schema !== 'pg_catalog' && (schema === null || fn.schema === schema),
    )
    return (
      named.find((fn) => argumentsOf(fn)?.length === call.args.length) ??
      named.find((fn) => (argumentsOf(fn)?.length ?? 0) >= call.args.length)
    )
  }
  return {
    function: find,
    relation({ schema, name }) {
      const named = relations.get(name) ?? []
      const found: Relation | undefined =
        schema === null
          ? (named.find((relation) => relation.schema === 'public') ?? named[0])
          : named.find((relation) => relation.schema === schema)
      return found === undefined
        ? null
        : { schema: found.schema, name, columns: found.columns.map((column) => column.name) }
    },
    functionColumns(call) {
      const fn = find(call)
      const columns = fn && returnedColumns(fn, catalog)
      if (columns === undefined) return null
      return columns[0]?.name === null ? 'scalar' : columns.map(({ name }) => name ?? '')
    },
  }
}

function groupedByName<Named extends { readonly name: string }>(
  all: readonly Named[],
): ReadonlyMap<string, readonly Named[]> {
  const found = new Map<string, Named[]>()
  for (const entry of all) {
    const group = found.get(entry.name)
    if (group === undefined) found.set(entry.name, [entry])
    else group.push(entry)
  }
  return found
}
