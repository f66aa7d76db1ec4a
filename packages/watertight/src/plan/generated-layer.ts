import type { CatalogSnapshot, Relation } from '../catalog/index.js'
import { tableKey } from '../model/index.js'
import type { TableName, TenancyModel } from '../model/index.js'
import type { CanonicalConditions } from './bound-model.js'
import { bindModel } from './bind-model.js'
import type { BoundModel, BoundTable } from './bound-model.js'
import { policyPrefix } from './kernel/policy-shape.js'
import { planIsolation } from './plan-isolation.js'
import { callerRoles, disclosureRoles, displayName, namedRoles, runtimeRoles } from './planning.js'

/** Which relations carry the isolation layer that the model declares, exactly and with nothing beside it. */
export interface GeneratedLayer {
  /** True when everything that decides who reaches the relation's rows is as generated. */
  isExact(relation: TableName): boolean
  /** What the isolation of the relation rests on beside the layer itself. */
  assumptionsOf(relation: TableName): readonly string[]
}

/**
 * Compares the catalog with the declared layer, relation by relation. A relation is exact when no
 * step is pending for it or for the kernel and its roles, nothing permissive was added to it, and no
 * runtime role is a member of another role. Whoever trusts the generated layer can then trust this
 * relation; anything else has to be proven on its own.
 */
export function generatedLayer(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
  conditions: CanonicalConditions = {},
): GeneratedLayer {
  const bound = bindModel(model, snapshot, conditions)
  const pending = new Set(
    planIsolation(model, snapshot, conditions).steps.map(({ object }) => object),
  )
  const tables = new Map(bound.tables.map((table) => [tableKey(table.relation), table]))
  const exact = new Set<string>()
  if (isKernelSettled(bound, pending)) {
    for (const [key, table] of tables) if (isTableExact(table, pending)) exact.add(key)
    addInvokerViews(snapshot, exact)
  }
  return {
    isExact: (relation) => exact.has(tableKey(relation)),
    assumptionsOf: (relation) => assumptions(model, tables.get(tableKey(relation))),
  }
}

/** Nothing is pending for what every table rests on: roles, schemas, the kernel and its functions. */
function isKernelSettled({ model, snapshot }: BoundModel, pending: ReadonlySet<string>): boolean {
  const runtime = new Set([
    ...runtimeRoles(model),
    ...disclosureRoles(model),
    ...callerRoles(model),
  ])
  const shared = [...namedRoles(model), ...snapshot.schemas.map(({ name }) => name), 'every schema']
  const isMemberOfAnything = snapshot.memberships.some(({ member }) => runtime.has(member))
  const touchesKernel = [...pending].some((object) => object.startsWith('watertight.'))
  return !isMemberOfAnything && !touchesKernel && !shared.some((object) => pending.has(object))
}

function isTableExact({ relation }: BoundTable, pending: ReadonlySet<string>): boolean {
  const hasForeignPolicy = relation.policies.some(
    ({ name, permissive }) => permissive && !name.startsWith(policyPrefix),
  )
  return !pending.has(displayName(relation)) && !hasForeignPolicy && relation.rules.length === 0
}

/** A view with the rights of its reader shows what the reader may read anyway. */
function addInvokerViews(snapshot: CatalogSnapshot, exact: Set<string>): void {
  const views = snapshot.relations.filter(isInvokerView)
  for (let grew = true; grew;) {
    grew = false
    for (const view of views) {
      const key = tableKey(view)
      if (exact.has(key) || view.reads.length === 0) continue
      if (!view.reads.every((read) => exact.has(tableKey(read)))) continue
      exact.add(key)
      grew = true
    }
  }
}

function isInvokerView({ kind, options, rules }: Relation): boolean {
  const isPlain = rules.every(({ event }) => event === 'SELECT')
  return kind === 'view' && isPlain && options['security_invoker'] === 'true'
}

function assumptions(model: TenancyModel, table: BoundTable | undefined): readonly string[] {
  const listed =
    model.context.kind === 'signed'
      ? ['signing keys are known to the application server and the owner role only']
      : ['SQL that runs as a runtime role does not set the context itself']
  if (table?.shared) {
    listed.push(`${displayName(table.shared.relation)} decides which users share a tenant`)
  }
  return listed
}
