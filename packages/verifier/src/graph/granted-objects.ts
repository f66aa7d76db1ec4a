import type { AclItem, CatalogSnapshot } from 'watertight/catalog'
import type { GraphEdge, GraphEdgeKind } from '../findings/index.js'
import { functionName } from './function-name.js'
import { nodeId, relationId } from './graph-names.js'
import { objectName } from './object-name.js'

/** An object with the privileges on it and who holds them. */
interface Granted {
  readonly id: string
  readonly owner: string
  readonly acl: readonly AclItem[]
}

/** What everybody is a member of, by no membership. */
export const everybody = 'PUBLIC'

/** Every relation, function and sequence with its privileges, those on columns included. */
function grantedObjects(catalog: CatalogSnapshot): readonly Granted[] {
  return [
    ...catalog.relations.map((relation) => ({
      id: relationId(relation),
      owner: relation.owner,
      acl: [...relation.acl, ...relation.columns.flatMap(({ acl }) => acl)],
    })),
    ...catalog.functions
      .filter(({ extension }) => extension === null)
      .map((fn) => ({ id: nodeId('function', functionName(fn)), owner: fn.owner, acl: fn.acl })),
    ...catalog.sequences.map((sequence) => ({
      id: nodeId('sequence', objectName(sequence)),
      owner: sequence.owner,
      acl: sequence.acl,
    })),
  ]
}

/** Memberships, ownership and grants of the given roles and of all that they can become. */
export function grantEdges(
  catalog: CatalogSnapshot,
  roles: readonly string[],
): readonly GraphEdge[] {
  const superusers = new Set(
    catalog.roles.filter(({ superuser }) => superuser).map(({ name }) => name),
  )
  const holders = new Set<string>([...roles, everybody])
  const edges: GraphEdge[] = []
  for (const holder of holders) {
    // A superuser needs no membership: it may do anything, and its edges would say nothing.
    if (superusers.has(holder)) continue
    for (const membership of catalog.memberships) {
      if (membership.member !== holder) continue
      const kind = membershipKind(membership)
      if (kind === null) continue
      holders.add(membership.role)
      edges.push(edge(nodeId('role', holder), nodeId('role', membership.role), kind))
    }
  }
  for (const { id, owner, acl } of grantedObjects(catalog)) {
    if (holders.has(owner)) edges.push(edge(nodeId('role', owner), id, 'owner'))
    const byHolder = new Map<string, Set<string>>()
    for (const { grantee, isPublic, privilege } of acl) {
      const holder = isPublic ? everybody : grantee
      if (!holders.has(holder) || (holder === owner && !isPublic)) continue
      byHolder.set(holder, (byHolder.get(holder) ?? new Set()).add(privilege))
    }
    for (const [holder, privileges] of byHolder) {
      edges.push({
        ...edge(nodeId('role', holder), id, 'grant'),
        privileges: [...privileges].toSorted(),
      })
    }
  }
  return edges
}

function edge(from: string, to: string, kind: GraphEdgeKind): GraphEdge {
  return { from, to, kind, as: null, privileges: [] }
}

function membershipKind({
  inherit,
  set,
  admin,
}: CatalogSnapshot['memberships'][number]): GraphEdgeKind | null {
  if (inherit) return 'inherits'
  if (set) return 'set-role'
  return admin ? 'admin' : null
}

const words: Partial<Record<GraphEdgeKind, string>> = {
  inherits: '',
  'set-role': ' by SET ROLE',
  admin: ' by granting it to itself',
}

/** The shortest way of a role to one of the holders: `reporting by SET ROLE`, `PUBLIC`; empty for itself. */
export function pathTo(
  role: string,
  holders: ReadonlySet<string>,
  memberships: ReadonlyMap<string, readonly GraphEdge[]>,
): readonly string[] {
  if (holders.has(role)) return []
  if (holders.has(everybody)) return [everybody]
  const trails = new Map<string, readonly string[]>([[nodeId('role', role), []]])
  for (const [at, trail] of trails) {
    for (const { to, kind } of memberships.get(at) ?? []) {
      const word = words[kind]
      if (word === undefined || trails.has(to)) continue
      const name = to.slice('role:'.length)
      const next = [...trail, name + word]
      if (holders.has(name)) return next
      trails.set(to, next)
    }
  }
  return ['the powers of a superuser or of a predefined role']
}
