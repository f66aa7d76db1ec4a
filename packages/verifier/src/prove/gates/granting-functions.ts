import { findRelation } from 'watertight/catalog'
import type { FunctionInfo, Relation } from 'watertight/catalog'
import type { MembershipContext } from 'watertight/model'
import { ident } from 'watertight/sql'
import { singlePrimaryKey } from '../../graph/classify.js'
import { functionEffects } from '../../graph/function-effects.js'
import { functionName } from '../../graph/function-name.js'
import { membershipSources } from '../../graph/membership-sources.js'
import { objectName } from '../../graph/object-name.js'
import { runtimeRoles } from '../../graph/runtime-roles.js'
import { meant } from '../../graph/statement-effects.js'
import type { StatementEffects } from '../../graph/statement-effects.js'
import type { Subject } from '../encode/encoding.js'
import { isExempt } from '../encode/policies.js'
import type { ProofResult } from '../proof-result.js'
import { canHaveRun } from './elevated-bodies.js'
import { retargets, secretOpening } from './kept-secret.js'
import { keepsOwners, secretsForMemberships } from './membership-writes.js'
import type { Secret } from './secret-lookup.js'

/** What functions do to memberships past their policies. */
export interface GrantingFunctions {
  /** Why it is not proven that they are given to whom they are due; undefined where it is. */
  readonly open: string | undefined
  /** What that rests on. */
  readonly assumptions: readonly string[]
}

/**
 * Functions that a runtime role can have run and that write memberships past their policies decide
 * who belongs to a tenant. Giving the maker of a new tenant a membership of it is no harm, nor is
 * giving one to whoever knows a secret of the tenant that only those are told whom it invites.
 */
export function grantingFunctions(
  subject: Subject,
  context: MembershipContext,
  memberships: Relation,
  results: readonly ProofResult[],
): GrantingFunctions {
  const { catalog, model } = subject
  const roles = runtimeRoles(model, catalog).map(({ name }) => name)
  const tenants = model.tenantKey.table
  const tenantTable = tenants && findRelation(catalog, tenants.schema, tenants.name)
  const key = tenantTable ? singlePrimaryKey(tenantTable) : null
  const secretsOf = (writer: FunctionInfo): readonly Secret[] | undefined =>
    tenantTable === null || tenantTable === undefined || key === null
      ? undefined
      : secretsForMemberships(subject, writer, {
          memberships,
          user: context.via.user,
          tenant: context.via.tenant,
          where: context.via.where,
          tenants: tenantTable,
          key,
          isMadeByTrigger: isTriggerOf(subject, writer, tenantTable),
        })
  const owners = membershipSources(model, catalog).find(
    ({ relation, user }) => relation !== memberships || user !== context.via.user,
  )
  const assumptions = new Set<string>()
  for (const fn of catalog.functions) {
    if (!fn.securityDefiner || fn.extension !== null) continue
    if (!roles.some((role) => canHaveRun(subject, role, fn))) continue
    const giver =
      owners &&
      writersAmong(subject, fn, owners.relation, []).find((writer) => !keepsOwners(writer, owners))
    if (owners !== undefined && giver !== undefined) {
      const open = `${functionName(giver)} writes ${objectName(owners.relation)} past its policies; whether it gives tenants only to whom they are due is not proven`
      return { open, assumptions: [] }
    }
    for (const writer of writersAmong(subject, fn, memberships, [])) {
      const through = writer === fn ? '' : ` through ${functionName(writer)}`
      const writes = `${functionName(fn)}${through} writes memberships as ${fn.owner}, past their policies`
      const secrets = secretsOf(writer)
      if (secrets === undefined) {
        const open = `${writes}; whether it gives them only to whom they are due is not proven`
        return { open, assumptions: [] }
      }
      for (const secret of secrets) {
        const opening = retargets(subject, memberships, context.via.tenant)
          ? `a trigger of ${objectName(memberships)} may change its tenant`
          : secretOpening(subject, secret, results)
        if (opening !== undefined) {
          const open = `${writes}, to whoever knows ${secretName(secret)}, which is not proven to keep to its tenant: ${opening}`
          return { open, assumptions: [] }
        }
        assumptions.add(
          `${secretName(secret)} is told only to those whom its tenant invites: ${functionName(writer)} makes whoever knows it a member`,
        )
      }
    }
  }
  return { open: undefined, assumptions: [...assumptions] }
}

function secretName({ relation, column }: Secret): string {
  return `${objectName(relation)}.${ident(column).text}`
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
