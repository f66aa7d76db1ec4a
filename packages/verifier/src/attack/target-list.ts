import { qualifiedName, trustedSql } from 'watertight/sql'
import type { Relation } from 'watertight/catalog'
import type { RuntimeRole } from 'watertight/model'
import { exposedTables } from '../graph/exposed-tables.js'
import { makesTenants } from '../graph/makes-tenants.js'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'
import { reachOf } from '../lint/reach.js'
import type { Attack } from './attack.js'
import { attacks } from './registry.js'
import { targetOf } from './target.js'
import type { Target } from './target.js'

/** One object to attack. */
export interface PlannedTarget {
  readonly object: string
  readonly target: Target
  /** The table that rows are made in: the target itself, or what a view reads. */
  readonly base: Target
  readonly attacks: readonly Attack[]
  readonly targets: ReadonlyMap<string, Target>
  /** The roles that this boundary is drawn for. */
  isFor(role: RuntimeRole): boolean
}

/** Everything that can be attacked, and the targets of all tables by name. */
export interface TargetPlan {
  readonly entries: readonly PlannedTarget[]
  readonly byName: ReadonlyMap<string, Target>
}

/** Lists the reachable protected tables, and the reachable views over them that name the tenant. */
export function planTargets(input: LintInput): TargetPlan {
  const byName = new Map<string, Target>()
  for (const table of input.tables.tables) {
    const target = targetOf(input.model, input.tables, table)
    if (typeof target !== 'string') byName.set(table.name, target)
  }
  const entries: PlannedTarget[] = []
  for (const [object, target] of byName) {
    const { kind } = target.table.relation
    if (kind === 'foreign-table' || reachOf(input, target.table.relation).length === 0) continue
    // Taking a tenant's row away to store it again would show the harm of DELETE, not of INSERT.
    const isMaking = makesTenants(input.model, input.catalog, target.table)
    const tried = isMaking ? attacks.filter(({ command }) => command !== 'INSERT') : attacks
    const shared = { object, attacks: tried, targets: byName }
    const wider = tenantBoundary(input, target)
    const isFor = (role: RuntimeRole): boolean => wider === null || role === 'app'
    entries.push({ ...shared, target, base: target, isFor })
    if (wider !== null) {
      entries.push({ ...shared, target: wider, base: wider, isFor: (role) => !isFor(role) })
    }
  }
  const reads = attacks.filter((attack) => attack.command === 'SELECT')
  for (const view of input.catalog.relations) {
    const base = viewBase(input, byName, view)
    if (base === undefined) continue
    const target = viewTarget(input, view, base)
    if (target === null) continue
    entries.push({
      object: objectName(view),
      target,
      base,
      attacks: reads,
      targets: byName,
      isFor: () => true,
    })
  }
  return { entries, byName }
}

/** Only members act as one user; to jobs and staff a user's rows are rows of the user's tenant. */
function tenantBoundary(input: LintInput, target: Target): Target | null {
  const { table } = target
  if (target.boundary !== 'user' || table.tenantColumn === null) return null
  const asTenant = targetOf(input.model, input.tables, { ...table, scope: 'tenant' })
  return typeof asTenant === 'string' ? null : asTenant
}

function viewBase(
  input: LintInput,
  byName: ReadonlyMap<string, Target>,
  view: Relation,
): Target | undefined {
  if (view.kind !== 'view' && view.kind !== 'materialized-view') return undefined
  if (reachOf(input, view).length === 0) return undefined
  const [first] = exposedTables(view, input.catalog, input.access, input.tables)
  return first && byName.get(first.table)
}

/** A view is read by the tenant column when it shows one under the name of its table's. */
function viewTarget(input: LintInput, view: Relation, base: Target): Target | null {
  const column = base.keyColumn ?? input.model.tenantKey.column
  const shown = view.columns.find((entry) => entry.name === column)
  if (shown === undefined || base.boundary !== 'tenant') return null
  const table = {
    ...base.table,
    relation: view,
    name: objectName(view),
    through: null,
    tenantColumn: column,
    declaration: null,
  }
  return {
    ...base,
    table,
    name: qualifiedName(view.schema, view.name),
    keyType: trustedSql(shown.type),
    keyColumn: column,
  }
}
