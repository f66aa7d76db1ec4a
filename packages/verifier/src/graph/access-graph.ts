import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type {
  AccessGraph,
  CoverageRow,
  GraphEdge,
  GraphNode,
  GraphSummary,
  TenantSource,
} from '../findings/index.js'
import { accessOf } from './access.js'
import { classify } from './classify.js'
import { nodeId } from './graph-names.js'
import { graphObjects } from './graph-objects.js'
import type { GraphObject } from './graph-objects.js'
import { grantEdges } from './granted-objects.js'
import { runtimeRoles } from './runtime-roles.js'
import { tenantSources } from './tenant-sources.js'

/** What the graph is made of. */
export interface AccessGraphInput {
  readonly model: TenancyModel
  readonly catalog: CatalogSnapshot
  /** Cells that were proven or not; without them every source is listed. */
  readonly coverage: readonly CoverageRow[]
  /** The isolation layer, its functions included, is exactly as generated. */
  readonly isLayerExact?: boolean
}

/**
 * Who reaches what as whom: the runtime roles, their memberships and grants, all that they lead to
 * with the role whose rights count on each step, and every source of tenant data with the gate that
 * is proven or the reason why none is. Pure.
 *
 * @throws PARSER_NOT_LOADED when `loadParser` has not finished.
 *
 * @example
 * ```ts
 * accessGraph({ model, catalog, coverage: result.coverage }).summary
 * // { sources: 12, proven: 10, declared: 1, listed: 1 }
 * ```
 */
export function accessGraph(input: AccessGraphInput): AccessGraph {
  const { model, catalog, coverage, isLayerExact = false } = input
  const tables = classify(model, catalog)
  const access = accessOf(catalog)
  const roles = runtimeRoles(model, catalog)
  const objects = graphObjects(catalog, tables)
  const grants = grantEdges(
    catalog,
    roles.map(({ name }) => name),
  )
  const sources = tenantSources({
    model,
    catalog,
    tables,
    access,
    roles,
    coverage,
    objects,
    grants,
    isLayerExact,
  })
  return { ...spread(grants, sources, objects), sources, summary: summarise(sources) }
}

/** The nodes that grants and sources lead to, and the edges between them. */
function spread(
  grants: readonly GraphEdge[],
  sources: readonly TenantSource[],
  objects: ReadonlyMap<string, GraphObject>,
): Pick<AccessGraph, 'nodes' | 'edges'> {
  const nodes = new Map<string, GraphNode>()
  const edges: GraphEdge[] = [...grants]
  const open = new Set([
    ...grants.flatMap(({ from, to }) => [from, to]),
    ...sources.map(({ kind, object }) => nodeId(kind, object)),
  ])
  // The set grows while it is walked.
  for (const id of open) {
    const object = objects.get(id)
    if (object === undefined) {
      if (id.startsWith('role:')) nodes.set(id, roleNode(id))
      continue
    }
    const { kind, name, holdsTenantRows } = object
    nodes.set(id, { id, kind, name, holdsTenantRows, opaque: object.opaque() })
    for (const step of object.steps()) {
      edges.push({ from: id, ...step, privileges: [] })
      open.add(step.to)
    }
  }
  return {
    nodes: [...nodes.values()],
    edges: edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to)),
  }
}

function roleNode(id: string): GraphNode {
  const name = id.slice('role:'.length)
  return { id, kind: 'role', name, holdsTenantRows: false, opaque: [] }
}

function summarise(sources: readonly TenantSource[]): GraphSummary {
  const all = new Set<string>()
  const declared = new Set<string>()
  const listed = new Set<string>()
  for (const { kind, object, gate } of sources) {
    const id = nodeId(kind, object)
    all.add(id)
    if (gate === 'listed') listed.add(id)
    if (gate === 'declared') declared.add(id)
  }
  const declaredOnly = [...declared].filter((id) => !listed.has(id)).length
  const proven = all.size - listed.size - declaredOnly
  return { sources: all.size, proven, declared: declaredOnly, listed: listed.size }
}
