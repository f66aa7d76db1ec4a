import { ident, joinSql, sql } from '../../sql/index.js'
import type { FunctionInfo } from '../../catalog/index.js'
import type { TenancyModel } from '../../model/index.js'
import { kernelFunctions } from '../kernel/kernel-functions.js'
import {
  createFunction,
  functionStepId,
  isSameFunction,
  kernelSchema,
  shapeOf,
  signature,
} from '../kernel/function-shape.js'
import type { FunctionShape } from '../kernel/function-shape.js'
import { policyPrefix, policyStepId } from '../kernel/policy-shape.js'
import { defaultGrantees } from '../default-grantees.js'
import { disclosureRoles, kernelOwner, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'
import { kernelSchemaStepId } from './kernel-schema.js'
import { keyMemoryStepId } from './key-memory.js'
import { hasTenantDefault, tenantDefaultStepId } from './tenant-defaults.js'

/** Kernel functions: created, replaced when they differ in anything, dropped when no longer wanted. */
export function planKernelFunctions(planning: Planning): readonly Step[] {
  const wanted = kernelFunctions(planning)
  const existing = new Map(
    planning.snapshot.functions
      .filter(({ schema }) => schema === kernelSchema)
      .map((info) => [info.name, info]),
  )
  const steps: Step[] = []
  for (const shape of wanted) {
    const info = existing.get(shape.name)
    existing.delete(shape.name)
    if (!info) steps.push(create(planning, shape))
    else if (isReplaceable(info, shape)) steps.push(...replace(planning, info, shape))
    else steps.push(...recreate(planning, info, shape))
  }
  if (existing.size === 0) return steps
  const after = usersOfFunctions(planning)
  return [...steps, ...[...existing.values()].map((info) => dropFunction(planning, info, after))]
}

function kernelRequirements(planning: Planning): readonly string[] {
  const { model } = planning
  const keys = [`table:${kernelSchema}.signing_keys`, `table:${kernelSchema}.applied_plans`]
  const tables = model.context.kind === 'signed' ? keys : []
  const callers = [...runtimeRoles(model), ...disclosureRoles(model)]
  return [kernelSchemaStepId, ...tables, ...callers.map(roleStepId)]
}

/** Functions that disclose ask the kernel who is calling, as any policy does. */
function callersOf(model: TenancyModel, { isInternal }: FunctionShape): readonly string[] {
  return isInternal ? [] : [...runtimeRoles(model), ...disclosureRoles(model)]
}

/** Ownership and EXECUTE: nobody but the roles of the model. */
function settle(planning: Planning, shape: FunctionShape): ReturnType<typeof sql>[] {
  const name = signature(shape)
  const callers = callersOf(planning.model, shape).map((role) => ident(role))
  const closed = [
    sql`revoke all on function ${name} from ${defaultGrantees(planning, 'function', kernelSchema)}`,
    sql`alter function ${name} owner to ${ident(kernelOwner(planning))}`,
  ]
  if (callers.length === 0) return closed
  return [...closed, sql`grant execute on function ${name} to ${joinSql(callers)}`]
}

function create(planning: Planning, shape: FunctionShape): Step {
  return makeStep({
    id: functionStepId(shape.name),
    object: signature(shape).text,
    summary: `create function ${signature(shape).text}`,
    up: [createFunction(shape), ...settle(planning, shape)],
    down: [sql`drop function ${signature(shape)}`],
    requires: kernelRequirements(planning),
  })
}

/** INVARIANT: what still uses a function is changed or dropped before the function is. */
function usersOfFunctions({ snapshot }: Planning): readonly string[] {
  const users = snapshot.relations.flatMap((relation) => [
    ...relation.policies
      .filter(({ name }) => name.startsWith(policyPrefix))
      .map(({ name }) => policyStepId(relation, name)),
    ...relation.columns
      .filter(hasTenantDefault)
      .map(({ name }) => tenantDefaultStepId(relation, name)),
  ])
  return [...users, keyMemoryStepId]
}

function dropFunction(planning: Planning, info: FunctionInfo, requires: readonly string[]): Step {
  const shape = shapeOf(info)
  return makeStep({
    id: functionStepId(info.name),
    object: signature(shape).text,
    summary: `drop function ${signature(shape).text}`,
    up: [sql`drop function ${signature(shape)}`],
    down: [createFunction(shape), ...settle(planning, shape)],
    requires,
  })
}

/** CREATE OR REPLACE cannot change the result type or the arguments. */
function isReplaceable(info: FunctionInfo, shape: FunctionShape): boolean {
  return info.returns === shape.returns && info.identityArguments === shape.identityArguments
}

function replace(planning: Planning, info: FunctionInfo, shape: FunctionShape): readonly Step[] {
  const steps: Step[] = []
  if (!isSameFunction(info, shape)) {
    steps.push(
      makeStep({
        id: functionStepId(shape.name),
        object: signature(shape).text,
        summary: `replace function ${signature(shape).text}`,
        up: [createFunction(shape)],
        down: [createFunction(shapeOf(info))],
        requires: kernelRequirements(planning),
        hazards: [
          {
            kind: 'WIDENS_ACCESS',
            object: `${kernelSchema}.${shape.name}`,
            detail: 'every policy that calls the function follows its new body at once',
          },
        ],
      }),
    )
  }
  return [...steps, ...planExecute(planning, info, shape)]
}

function recreate(planning: Planning, info: FunctionInfo, shape: FunctionShape): readonly Step[] {
  const old = shapeOf(info)
  return [
    makeStep({
      id: functionStepId(shape.name),
      object: signature(shape).text,
      summary: `recreate function ${signature(shape).text} with another signature`,
      up: [sql`drop function ${signature(old)}`, createFunction(shape), ...settle(planning, shape)],
      down: [sql`drop function ${signature(shape)}`, createFunction(old), ...settle(planning, old)],
      requires: kernelRequirements(planning),
    }),
  ]
}

function planExecute(
  planning: Planning,
  info: FunctionInfo,
  shape: FunctionShape,
): readonly Step[] {
  const owner = kernelOwner(planning)
  const wanted = new Set(callersOf(planning.model, shape))
  const actual = info.acl.filter(({ privilege }) => privilege === 'EXECUTE')
  const missing = [...wanted].filter((role) => !actual.some(({ grantee }) => grantee === role))
  const excess = actual.filter(
    ({ grantee, isPublic }) => isPublic || (!wanted.has(grantee) && grantee !== info.owner),
  )
  if (info.owner === owner && missing.length === 0 && excess.length === 0) return []
  const name = signature(shape)
  const revoked = excess.map(({ grantee, isPublic }) => (isPublic ? sql`public` : ident(grantee)))
  return [
    makeStep({
      id: `${functionStepId(shape.name)}:execute`,
      object: signature(shape).text,
      summary: `settle owner and EXECUTE of ${name.text}`,
      up: [
        sql`alter function ${name} owner to ${ident(owner)}`,
        ...revoked.map((role) => sql`revoke all on function ${name} from ${role}`),
        ...missing.map((role) => sql`grant execute on function ${name} to ${ident(role)}`),
      ],
      down: [
        ...missing.map((role) => sql`revoke all on function ${name} from ${ident(role)}`),
        ...revoked.map((role) => sql`grant execute on function ${name} to ${role}`),
        sql`alter function ${name} owner to ${ident(info.owner)}`,
      ],
      requires: [functionStepId(shape.name), ...kernelRequirements(planning)],
    }),
  ]
}
