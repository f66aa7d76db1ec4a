import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'

export interface ReturnedColumn {
  /** Null for the only value of a set of values. */
  readonly name: string | null
  readonly type: string
}

/** The columns of a function that returns a set: of values, of rows of a table, or TABLE (…). */
export function returnedColumns(
  { returns }: FunctionInfo,
  catalog: CatalogSnapshot,
): readonly ReturnedColumn[] | undefined {
  const listed = /^TABLE\((.*)\)$/i.exec(returns)?.[1]
  if (listed !== undefined) {
    const columns = listed.split(/,(?![^(]*\))/).map((part) => {
      const match = /^\s*("(?:[^"]|"")+"|[a-z_][\w$]*)\s+(.+?)\s*$/.exec(part)
      return match === null ? undefined : { name: bare(match[1] ?? ''), type: match[2] ?? '' }
    })
    const known = columns.filter((column) => column !== undefined)
    return known.length === columns.length ? known : undefined
  }
  const type = /^(?:SETOF )?(.+)$/i.exec(returns)?.[1] ?? returns
  if (type === 'record') return undefined
  const relation = relationOf(type, catalog)
  if (relation === undefined) return [{ name: null, type }]
  return relation.columns.map((column) => ({ name: column.name, type: column.baseType }))
}

function relationOf(
  type: string,
  catalog: CatalogSnapshot,
): CatalogSnapshot['relations'][number] | undefined {
  const parts = /^("(?:[^"]|"")+"|[a-z_][\w$]*)(?:\.("(?:[^"]|"")+"|[a-z_][\w$]*))?$/.exec(type)
  const [first, second] = [parts?.[1], parts?.[2]]
  if (first === undefined) return undefined
  if (second !== undefined) return findRelation(catalog, bare(first), bare(second))
  const named = catalog.relations.filter(({ name }) => name === bare(first))
  return named.length === 1 ? named[0] : undefined
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
