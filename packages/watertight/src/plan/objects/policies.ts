import type { Policy, Relation } from '../../catalog/index.js'
import type { BoundTable } from '../bound-model.js'
import { functionStepId } from '../kernel/function-shape.js'
import { kernelFunctions } from '../kernel/kernel-functions.js'
import {
  createPolicy,
  dropPolicy,
  isSamePolicy,
  policyPrefix,
  policyShapeOf,
  policyStepId,
} from '../kernel/policy-shape.js'
import type { PolicyShape } from '../kernel/policy-shape.js'
import { tablePolicies } from '../kernel/table-policies.js'
import { displayName, roleStepId } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Hazard, Step } from '../plan.js'
import { makeStep } from '../step.js'

/** Policies named `watertight_*`: created, replaced when they differ, dropped when not wanted. */
export function planPolicies(planning: Planning): readonly Step[] {
  const functions = kernelFunctions(planning).map(({ name }) => name)
  const declared = planning.tables.flatMap((table) => {
    const wanted = tablePolicies(planning, table)
    const names = new Set(wanted.map(({ name }) => name))
    const actual = new Map(table.relation.policies.map((policy) => [policy.name, policy]))
    const surplus = table.relation.policies.filter(
      ({ name }) => name.startsWith(policyPrefix) && !names.has(name),
    )
    noteForeignPolicies(planning, table)
    return [
      ...wanted.flatMap((shape) => settle(table, shape, actual.get(shape.name), functions)),
      ...surplus.map((policy) => drop(table.relation, policy)),
    ]
  })
  return [
    ...declared,
    ...planning.unclassified.flatMap((relation) => undeclared(relation, planning)),
  ]
}

/**
 * A table that has left the model loses watertight's policies and stays closed: row security is on
 * and forced, and nobody but a superuser or a BYPASSRLS role gets past it.
 */
function undeclared(relation: Relation, { notes }: Planning): readonly Step[] {
  const own = relation.policies.filter(({ name }) => name.startsWith(policyPrefix))
  if (relation.rls.enabled && relation.policies.length === own.length) {
    notes.push({
      object: displayName(relation),
      message:
        'keeps row level security without policies, so that even its owner reads no rows; declare it, or disable row level security by hand',
    })
  }
  return own.map((policy) => drop(relation, policy))
}

function settle(
  table: BoundTable,
  shape: PolicyShape,
  actual: Policy | undefined,
  functions: readonly string[],
): readonly Step[] {
  if (actual && isSamePolicy(actual, shape)) return []
  const { relation } = table
  const text = `${shape.using?.text ?? ''} ${shape.withCheck?.text ?? ''}`
  const called = functions.filter((name) => text.includes(`watertight.${name}(`))
  const requires = [...called.map(functionStepId), ...shape.roles.map(roleStepId)]
  const object = displayName(relation)
  const id = policyStepId(relation, shape.name)
  const dropIt = dropPolicy(relation, shape.name)
  if (!actual) {
    return [
      makeStep({
        id,
        object,
        summary: `create policy ${shape.name} on ${object}`,
        up: [createPolicy(relation, shape)],
        down: [dropIt],
        requires,
        hazards: publishes(shape) ? [publication(object)] : [],
        downHazards: [dropsPolicy(object, shape.name)],
      }),
    ]
  }
  const changes: Hazard = {
    kind: 'WIDENS_ACCESS',
    object,
    detail: `policy ${shape.name} is replaced; rows may be visible that were not`,
  }
  return [
    makeStep({
      id,
      object,
      summary: `replace policy ${shape.name} on ${object}`,
      up: [dropIt, createPolicy(relation, shape)],
      down: [dropIt, createPolicy(relation, policyShapeOf(actual))],
      requires,
      hazards: [changes],
      downHazards: [changes],
    }),
  ]
}

function drop(relation: Relation, policy: Policy): Step {
  const object = displayName(relation)
  return makeStep({
    id: policyStepId(relation, policy.name),
    object,
    summary: `drop policy ${policy.name} on ${object}`,
    up: [dropPolicy(relation, policy.name)],
    down: [createPolicy(relation, policyShapeOf(policy))],
    hazards: [dropsPolicy(object, policy.name)],
  })
}

function dropsPolicy(object: string, name: string): Hazard {
  return { kind: 'DROPS_POLICY', object, detail: `policy ${name} no longer applies` }
}

function publishes(shape: PolicyShape): boolean {
  return shape.permissive && shape.name.startsWith(`${policyPrefix}public_`)
}

function publication(object: string): Hazard {
  return {
    kind: 'WIDENS_ACCESS',
    object,
    detail: 'the published rows and columns can be read by anyone, without a tenant',
  }
}

/** Policies that people wrote stay; the restrictive guard bounds what they can open. */
function noteForeignPolicies(planning: Planning, { relation }: BoundTable): void {
  const foreign = relation.policies.filter(({ name }) => !name.startsWith(policyPrefix))
  if (foreign.length === 0) return
  const names = foreign.map(({ name }) => name).join(', ')
  planning.notes.push({
    object: displayName(relation),
    message: `keeps its own policies (${names}); watertight's restrictive guards apply on top of them`,
  })
}
