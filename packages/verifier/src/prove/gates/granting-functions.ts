import { findRelation } from 'watertight/catalog'
import type { FunctionInfo, Relation } from 'watertight/catalog'
import type { MembershipContext } from 'watertight/model'
import { singlePrimaryKey } from '../../graph/classify.js'
import { functionEffects } from '../../graph/function-effects.js'
import { functionName } from '../../graph/function-name.js'
import { runtimeRoles } from '../../graph/runtime-roles.js'
import { meant } from '../../graph/statement-effects.js'
import type { StatementEffects } from '../../graph/statement-effects.js'
import type { Subject } from '../encode/encoding.js'
import { isExempt } from '../encode/policies.js'
import { givesOnlyNewTenants } from './membership-writes.js'

/**
 * A function that a runtime role can have run writes memberships past their policies, so that it
 * decides who belongs to a tenant; undefined when there is none. Giving the maker of a new tenant a
 * membership of it is no harm.
 */
export function grantingFunction(
  subject: Subject,
  context: MembershipContext,
  memberships: Relation,
): string | undefined {
  const { catalog, model } = subject
  const roles = runtimeRoles(model, catalog).map(({ name }) => name)
  for (const fn of catalog.functions) {
    if (!fn.securityDefiner || fn.extension !== null) continue
    if (!roles.some((role) => canHaveRun(subject, role, fn))) continue
    const writers = writersAmong(subject, fn, memberships, [])
    const tenants = model.tenantKey.table
    const tenantTable = tenants && findRelation(catalog, tenants.schema, tenants.name)
    const key = tenantTable ? singlePrimaryKey(tenantTable) : null
    const open = writers.find(
      (writer) =>
        tenantTable === null ||
        tenantTable === undefined ||
        key === null ||
        !givesOnlyNewTenants(writer, {
          memberships,
          user: context.via.user,
          tenant: context.via.tenant,
          where: context.via.where,
          tenants: tenantTable,
          key,
          isMadeByTrigger: isTriggerOf(subject, writer, tenantTable),
        }),
    )
    if (open !== undefined) {
      const through = open === fn ? '' : ` through ${functionName(open)}`
      return `${functionName(fn)}${through} writes memberships as ${fn.owner}, past their policies; whether it gives them only to whom they are due is not proven`
    }
  }
  return undefined
}

/** The role may call the function, or makes it run as a trigger. */
function canHaveRun({ catalog, access }: Subject, role: string, fn: FunctionInfo): boolean {
  if (fn.returns !== 'trigger') return access.canExecute(role, fn)
  return catalog.relations.some(
    (relation) =>
      relation.triggers.some(
        ({ function: target, enabled }) =>
          enabled !== 'disabled' && target.schema === fn.schema && target.name === fn.name,
      ) && ['INSERT', 'UPDATE', 'DELETE'].some((command) => access.can(role, command, relation)),
  )
}

/** The function is only run for rows that INSERT makes in a table. */
function isTriggerOf({ catalog }: Subject, fn: FunctionInfo, table: Relation): boolean {
  const uses = catalog.relations.flatMap((relation) =>
    relation.triggers
      .filter(({ function: target }) => target.schema === fn.schema && target.name === fn.name)
      .map(({ definition }) => ({ relation, definition })),
  )
  return (
    fn.returns === 'trigger' &&
    uses.length > 0 &&
    uses.every(
      ({ relation, definition }) =>
        relation === table &&
        / AFTER INSERT ON /.test(definition) &&
        / FOR EACH ROW /.test(definition),
    )
  )
}

/** The function itself, or those it calls with its rights, as far as they write memberships. */
function writersAmong(
  subject: Subject,
  fn: FunctionInfo,
  memberships: Relation,
  trail: readonly FunctionInfo[],
): readonly FunctionInfo[] {
  if (trail.includes(fn) || trail.length > 8) return []
  const effects = functionEffects(fn)
  const owner = (trail.findLast(({ securityDefiner }) => securityDefiner) ?? fn).owner
  const acts = fn.securityDefiner ? fn.owner : owner
  const inner = effects.calls.flatMap((name) =>
    meant(name, byName(subject)).flatMap((called) =>
      writersAmong(subject, called, memberships, [...trail, fn]),
    ),
  )
  const writes = writesTo(fn, effects, memberships) && isPast(subject, acts, memberships)
  return writes ? [fn, ...inner] : inner
}

function writesTo(
  fn: FunctionInfo,
  effects: StatementEffects,
  { schema, name }: Relation,
): boolean {
  const isNamed = effects.writes.some(
    (written) => written.name === name && (written.schema === null || written.schema === schema),
  )
  return isNamed || effects.opaque.length > 0
}

/** Policies that bind the function's owner are not those that were proven. */
function isPast(subject: Subject, owner: string, memberships: Relation): boolean {
  return (
    isExempt(subject, owner, memberships) ||
    ['INSERT', 'UPDATE'].some((command) => subject.access.can(owner, command, memberships))
  )
}

function byName({ catalog }: Subject): ReadonlyMap<string, readonly FunctionInfo[]> {
  return new Map(
    [...new Set(catalog.functions.map(({ name }) => name))].map((name) => [
      name,
      catalog.functions.filter((fn) => fn.name === name),
    ]),
  )
}
