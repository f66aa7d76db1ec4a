import type { RuntimeRole, TenancyModel } from '../model/index.js'
import { qualifiedName } from '../sql/index.js'
import type { Relation } from '../catalog/index.js'
import type { BoundModel } from './bound-model.js'
import type { PlanNote, Step } from './plan.js'

/** What every object kind gets: the bound model, and a place for remarks. */
export interface Planning extends BoundModel {
  readonly notes: PlanNote[]
}

/** An object kind: compares what should be with what is. */
export type ObjectKind = (planning: Planning) => readonly Step[]

/** The name of a relation as people write it, quoted where needed. */
export function displayName(relation: Pick<Relation, 'schema' | 'name'>): string {
  return qualifiedName(relation.schema, relation.name).text
}

/** The role that owns the kernel and that its SECURITY DEFINER functions run as. */
export function kernelOwner({ model, snapshot }: Pick<BoundModel, 'model' | 'snapshot'>): string {
  return model.roles.owner ?? snapshot.server.currentUser
}

/** Runtime roles of the model, in a fixed order. */
export function runtimeRoles(model: TenancyModel): readonly string[] {
  const order: readonly RuntimeRole[] = ['app', 'worker', 'auditor', 'platform', 'public']
  return order.flatMap((role) => model.roles[role] ?? [])
}

/** Every role that the model names. */
export function namedRoles(model: TenancyModel): readonly string[] {
  const roles: readonly (string | null)[] = Object.values(model.roles)
  return [
    ...roles.filter((role) => role !== null),
    ...disclosureRoles(model),
    ...callerRoles(model),
  ]
}

/** The role that functions which disclose run as, if the model declares some. */
export function disclosureRoles({ disclosures }: TenancyModel): readonly string[] {
  return disclosures === null ? [] : [disclosures.role]
}

/** Roles that log in to call disclosures and have no rights on tables. */
export function callerRoles({ disclosures }: TenancyModel): readonly string[] {
  return [...new Set((disclosures?.functions ?? []).flatMap(({ callers }) => callers))]
}

/** Roles that run in member or worker mode and share policies. */
export function memberRoles(model: TenancyModel): readonly string[] {
  return [model.roles.app, model.roles.worker].filter((role) => role !== null)
}

/** The id of the step that creates a role. */
export function roleStepId(role: string): string {
  return `role:${role}`
}
