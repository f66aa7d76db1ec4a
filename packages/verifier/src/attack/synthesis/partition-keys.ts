import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import { objectName } from '../../graph/object-name.js'
import { relationNamed } from '../../graph/relation-named.js'
import type { Values } from './values.js'

/** Values of the partition keys with which a row finds a partition, from the partitions' bounds. */
export function partitionKeys(
  catalog: CatalogSnapshot,
  relation: Relation,
  fixed: Values,
): readonly Values[] {
  const own = relation.isPartition ? [boundOf(catalog, relation)] : []
  const base = own.reduce((left, right) => ({ ...left, ...right }), {})
  const below = descend(catalog, relation).map((values) => ({ ...base, ...values }))
  return [...below, base]
    .map((values) =>
      Object.fromEntries(Object.entries(values).filter(([name]) => !(name in fixed))),
    )
    .filter((values) => Object.keys(values).length > 0)
}

function descend(catalog: CatalogSnapshot, parent: Relation): readonly Values[] {
  if (parent.kind !== 'partitioned-table') return [{}]
  return childrenOf(catalog, parent).flatMap((child) => {
    const values = bound(parent, child)
    return descend(catalog, child).map((more) => ({ ...values, ...more }))
  })
}

function childrenOf(catalog: CatalogSnapshot, parent: Relation): readonly Relation[] {
  return catalog.relations.filter((child) =>
    child.parents.some((of) => of.isPartition && objectName(of) === objectName(parent)),
  )
}

/** What the bounds of a partition and of those above it ask for. */
function boundOf(catalog: CatalogSnapshot, child: Relation): Values {
  const above = child.parents.find(({ isPartition }) => isPartition)
  const parent = above && relationNamed(catalog, objectName(above))
  if (parent === undefined) return {}
  return { ...boundOf(catalog, parent), ...bound(parent, child) }
}

/** `FOR VALUES IN ('a', 'b')`: the first. `FROM (1) TO (9)`: the lower end, which belongs to it. */
function bound(parent: Relation, child: Relation): Values {
  const keys = tokenize(parent.partitionKey ?? '')
    .filter(({ kind, text }) => kind === 'name' && parent.columns.some(({ name }) => name === text))
    .map(({ text }) => text)
  const text = child.partitionBound ?? ''
  const lower = /\bFROM \((.*)\) TO \((.*)\)$/.exec(text)
  const list = /\bIN \((.*)\)$/.exec(text)
  if (list !== null) {
    const [first] = literals(list[1] ?? '')
    return keys[0] === undefined || first === undefined ? {} : { [keys[0]]: first }
  }
  if (lower === null) return {}
  const [from, to] = [literals(lower[1] ?? ''), literals(lower[2] ?? '')]
  return Object.fromEntries(
    keys.flatMap((key, index) => {
      const least = from[index]
      if (least !== undefined && least !== null) return [[key, least]]
      const below = before(to[index] ?? null)
      return below === null ? [] : [[key, below]]
    }),
  )
}

/** Literals of a bound in order; null for MINVALUE, MAXVALUE and NULL. */
function literals(text: string): readonly (string | null)[] {
  const parts = text.match(/'(?:[^']|'')*'|[^,\s]+/g) ?? []
  return parts.map((part) => {
    if (part.startsWith("'")) return part.slice(1, -1).replaceAll("''", "'")
    return /^(minvalue|maxvalue|null)$/i.test(part) ? null : part
  })
}

function before(limit: string | null): string | null {
  if (limit === null) return null
  if (/^-?\d+$/.test(limit)) return String(BigInt(limit) - 1n)
  const at = Date.parse(limit)
  return Number.isNaN(at) ? '' : new Date(at - 86_400_000).toISOString()
}
