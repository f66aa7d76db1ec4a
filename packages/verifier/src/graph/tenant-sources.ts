import type { AclItem, CatalogSnapshot, Relation } from 'watertight/catalog'
import type { Command, TenancyModel } from 'watertight/model'
import type { CoverageRow, GraphEdge, GraphNodeKind, TenantSource } from '../findings/index.js'
import type { Access } from './access.js'
import type { Classification } from './classify.js'
import { disclosureReview } from './disclosures.js'
import { isSecurityInvoker } from './exposed-tables.js'
import { functionName } from './function-name.js'
import { actionName, grouped, nodeId, relationId, relationKind } from './graph-names.js'
import type { GraphObject } from './graph-objects.js'
import { everybody, pathTo } from './granted-objects.js'
import { objectName } from './object-name.js'
import { reachesOf } from './reaches.js'
import type { Reaches } from './reaches.js'
import type { RuntimeRoleName } from './runtime-roles.js'
import { gateKeeper, isElevated } from './tenant-gate.js'
import type { Gate, GateKeeper } from './tenant-gate.js'

/** What sources are found from. */
export interface SourceInput {
  readonly model: TenancyModel
  readonly catalog: CatalogSnapshot
  readonly tables: Classification
  readonly access: Access
  readonly roles: readonly RuntimeRoleName[]
  readonly coverage: readonly CoverageRow[]
  readonly objects: ReadonlyMap<string, GraphObject>
  readonly grants: readonly GraphEdge[]
  /** The functions of schema `watertight` are as generated: they verify the context themselves. */
  readonly isLayerExact: boolean
}

interface Finder extends SourceInput {
  readonly gates: GateKeeper
  readonly reaches: (id: string) => Reaches
}

type Found = Pick<TenantSource, 'kind' | 'object' | 'privileges' | 'reaches'> &
  Gate & { readonly owner: string; readonly acl: readonly AclItem[] }

const commands: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const nowhere: Reaches = { reaches: [], opaque: [] }

/** Every way of every runtime role to data of tenants, those that nothing proves first. */
export function tenantSources(input: SourceInput): readonly TenantSource[] {
  const relations = new Map(
    input.catalog.relations.map((relation) => [objectName(relation), relation]),
  )
  const known = new Map<string, Reaches>()
  const finder: Finder = {
    ...input,
    gates: gateKeeper(input.coverage, input.access, relations),
    reaches: (id) => {
      const object = input.objects.get(id)
      const found = known.get(id) ?? (object ? reachesOf(object, input.objects) : nowhere)
      known.set(id, found)
      return found
    },
  }
  const memberships = grouped(input.grants, ({ from }) => [from])
  const sources = input.roles.flatMap(({ name: role }) =>
    [
      ...input.catalog.relations.flatMap((relation) => relationSources(finder, role, relation)),
      ...functionSources(finder, role),
      ...sequenceSources(finder, role),
    ].map(({ owner, acl, ...source }): TenantSource => {
      const path = pathTo(role, holdersOf(owner, acl, source.privileges), memberships)
      return { ...source, role, path }
    }),
  )
  return [...sources, ...publicationSources(finder)].toSorted(
    (a, b) => rank(a) - rank(b) || compare(a.object, b.object) || compare(a.role, b.role),
  )
}

function rank({ gate }: Gate): number {
  return { listed: 0, declared: 1, proven: 2 }[gate]
}

function compare(left: string | null, right: string | null): number {
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1
}

function holdersOf(
  owner: string,
  acl: readonly AclItem[],
  privileges: readonly string[],
): ReadonlySet<string> {
  const granted = acl
    .filter(({ privilege }) => privileges.includes(privilege))
    .map(({ isPublic, grantee }) => (isPublic ? everybody : grantee))
  return new Set([owner, ...granted])
}

function relationSources(finder: Finder, role: string, relation: Relation): readonly Found[] {
  const { access } = finder
  const name = objectName(relation)
  const privileges = commands.filter((command) => access.can(role, command, relation))
  if (privileges.length === 0) return []
  const from = {
    owner: relation.owner,
    acl: [...relation.acl, ...relation.columns.flatMap(({ acl }) => acl)],
    privileges,
  }
  const isView = relation.kind === 'view' || relation.kind === 'materialized-view'
  const own = isView
    ? viewSource(finder, role, relation, from)
    : tableSources(finder, role, relation, from)
  const actions = [
    ...relation.triggers
      .filter(
        ({ enabled, definition }) => enabled !== 'disabled' && firesOn(definition, privileges),
      )
      .map((trigger) => ({ kind: 'trigger' as const, object: actionName(trigger.name, relation) })),
    ...relation.rules
      .filter(({ event }) => event !== 'SELECT' && privileges.includes(event))
      .map((rule) => ({ kind: 'rule' as const, object: actionName(rule.name, relation) })),
  ].flatMap(({ kind, object }) => elevated(finder, role, kind, object, from))
  return [...own, ...actions, ...largeObjects(finder, name, privileges, from)]
}

type Holding = Pick<Found, 'owner' | 'acl' | 'privileges'>

function tableSources(
  finder: Finder,
  role: string,
  relation: Relation,
  from: Holding,
): readonly Found[] {
  const name = objectName(relation)
  const kind = relationKind(relation)
  const table = finder.tables.get(name)
  const source = { ...from, kind, object: name, reaches: [] }
  if (table === undefined) {
    const { column } = finder.model.tenantKey
    const holdsTenants =
      relation.schema !== 'watertight' && relation.columns.some((each) => each.name === column)
    const reason = `it has the column ${column} and is outside the schemas of the model`
    return holdsTenants ? [{ ...source, gate: 'listed', reason }] : []
  }
  if (table.scope === 'global') return []
  const gate = finder.gates.ofCells(role, name, commands)
  return [{ ...source, ...(gate ?? { gate: 'listed', reason: 'nothing was checked' }) }]
}

function viewSource(finder: Finder, role: string, view: Relation, from: Holding): readonly Found[] {
  const object = objectName(view)
  const behind = finder.reaches(relationId(view))
  if (behind.reaches.length === 0 && !behind.opaque.some(isElevated)) return []
  const source = { ...from, kind: relationKind(view), object, reaches: behind.reaches }
  const cells = finder.gates.ofCells(role, object, ['SELECT'])
  const read = { ...source, ...(cells ?? finder.gates.ofReaches(role, behind)) }
  const written = from.privileges.filter((privilege) => privilege !== 'SELECT')
  // With the rights of its reader a view changes only what cells of its tables judge.
  if (written.length === 0 || isSecurityInvoker(view)) return [read]
  const reason = `what it changes, it changes with the rights of ${view.owner}; no cell judges that`
  const changed = { ...source, privileges: written, gate: 'listed' as const, reason }
  const isRead = from.privileges.length > written.length
  return isRead ? [{ ...read, privileges: ['SELECT'] }, changed] : [changed]
}

/** What runs with other rights than the caller's: the caller's own are judged where they lead. */
function elevated(
  finder: Finder,
  role: string,
  kind: GraphNodeKind,
  object: string,
  from: Holding,
): readonly Found[] {
  const { reaches, opaque } = finder.reaches(nodeId(kind, object))
  const beyond = {
    reaches: reaches.filter(({ as }) => as !== null && as !== role),
    opaque: opaque.filter(isElevated),
  }
  if (beyond.reaches.length === 0 && beyond.opaque.length === 0) return []
  return [
    { ...from, kind, object, reaches: beyond.reaches, ...finder.gates.ofReaches(role, beyond) },
  ]
}

function functionSources(finder: Finder, role: string): readonly Found[] {
  return finder.catalog.functions.flatMap((fn) => {
    const isOpen = fn.extension === null || fn.securityDefiner
    if (!isOpen || fn.returns === 'trigger' || !finder.access.canExecute(role, fn)) return []
    const from = { owner: fn.owner, acl: fn.acl, privileges: ['EXECUTE'] }
    const found = elevated(finder, role, 'function', functionName(fn), from)
    const disclosed = disclosureReview(finder.model, finder.catalog).conforming(fn)
    if (disclosed !== null) {
      const { reason } = disclosed
      return found.map((source) => ({ ...source, gate: 'declared' as const, reason }))
    }
    const isKernel = fn.schema === 'watertight' && finder.isLayerExact
    if (!isKernel) return found
    const reason = 'part of the isolation layer, which is exactly as generated'
    return found.map((source) => ({ ...source, gate: 'proven' as const, reason }))
  })
}

function sequenceSources({ catalog, access, tables, objects }: Finder, role: string): Found[] {
  return catalog.sequences.flatMap((sequence) => {
    const object = objectName(sequence)
    const { reachable } = access.closure(role)
    const held = sequence.acl
      .filter(({ privilege, isPublic, grantee }) => {
        const isRead = privilege === 'SELECT' || privilege === 'USAGE'
        return isRead && (isPublic || reachable.has(grantee))
      })
      .map(({ privilege }) => privilege)
    const numbered = (objects.get(nodeId('sequence', object))?.steps() ?? [])
      .map(({ to }) => to.slice(to.indexOf(':') + 1))
      .filter((name) => tables.isProtected(name))
    if (held.length === 0 || numbered.length === 0) return []
    const reason = `tells how many rows all tenants add to ${numbered.join(', ')}; it shows no row`
    return [
      {
        kind: 'sequence',
        object,
        owner: sequence.owner,
        acl: sequence.acl,
        privileges: [...new Set(held)].toSorted(),
        reaches: [],
        gate: 'listed',
        reason,
      },
    ]
  })
}

function largeObjects(
  { objects }: Finder,
  table: string,
  privileges: readonly string[],
  from: Holding,
): readonly Found[] {
  const exists = objects.has(nodeId('large-objects', table))
  if (!exists || !privileges.includes('SELECT')) return []
  const reason =
    'rows hold numbers of large objects, whose privileges are per object and no policy governs'
  return [{ ...from, kind: 'large-objects', object: table, reaches: [], gate: 'listed', reason }]
}

function publicationSources({ catalog, reaches }: Finder): readonly TenantSource[] {
  return catalog.publications.flatMap(({ name }) => {
    const found = reaches(nodeId('publication', name)).reaches
    if (found.length === 0) return []
    const reason = 'subscribers get the rows of every tenant; policies do not govern replication'
    return [
      {
        object: name,
        kind: 'publication',
        role: null,
        privileges: ['REPLICATION'],
        path: replicators(catalog),
        reaches: found,
        gate: 'listed',
        reason,
      },
    ]
  })
}

function replicators({ roles }: CatalogSnapshot): readonly string[] {
  return roles.filter((role) => role.replication || role.superuser).map(({ name }) => name)
}

/** `BEFORE INSERT OR UPDATE OF … ON` of a trigger's definition. */
function firesOn(definition: string, privileges: readonly string[]): boolean {
  const events = /\b(?:BEFORE|AFTER|INSTEAD OF) (.*?) ON /.exec(definition)?.[1] ?? definition
  return privileges.some((privilege) => events.includes(privilege)) || events.includes('TRUNCATE')
}
