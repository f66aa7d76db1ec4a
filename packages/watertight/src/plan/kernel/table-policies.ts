import type { Command, TenancyModel } from '../../model/index.js'
import { sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { tableKey, tenantColumnOf } from '../../model/index.js'
import type { BoundModel, BoundTable } from '../bound-model.js'
import { kernelOwner, memberRoles } from '../planning.js'
import {
  and,
  comparand,
  equalsContext,
  existsParent,
  hasCapability,
  aliasStem,
  isAmongContext,
  memberTenantTest,
  or,
  rowPredicate,
  sharesTenant,
} from '../predicates.js'
import type { KeyTest, RowTest } from '../predicates.js'
import { ident, qualifiedName } from '../../sql/index.js'
import { disclosedOn } from './disclosed-tables.js'
import type { PolicyShape } from './policy-shape.js'
import { policyPrefix } from './policy-shape.js'

/** Every policy that a table should carry, audience by audience. */
export function tablePolicies(bound: BoundModel, table: BoundTable): readonly PolicyShape[] {
  return [
    ...memberPolicies(bound, table),
    ...ownRowsPolicies(bound, table),
    ...auditorPolicies(bound, table),
    ...platformPolicies(bound, table),
    ...publicPolicies(bound, table),
    ...kernelPolicies(bound, table),
    ...disclosurePolicies(bound, table),
  ]
}

/** What a row must satisfy to be seen, and to be written, by one audience. */
interface Rule {
  readonly audience: string
  readonly roles: readonly string[]
  readonly read: Sql
  readonly write: Sql
  readonly commands: readonly Command[]
}

/**
 * One permissive policy per command, and a restrictive guard with the same predicate: a permissive
 * policy that somebody adds later cannot open more than the guard lets through. PostgreSQL evaluates
 * equal expressions once.
 */
function rulePolicies(rule: Rule): readonly PolicyShape[] {
  const { audience, roles, read, write, commands } = rule
  const name = (suffix: string): string => `${policyPrefix}${audience}_${suffix}`
  const canWrite = commands.some((command) => command !== 'SELECT')
  const guard: PolicyShape = {
    name: name('guard'),
    permissive: false,
    command: canWrite ? 'ALL' : 'SELECT',
    roles,
    using: read,
    withCheck: canWrite ? write : null,
  }
  const permissive = commands.map((command) => ({
    name: name(command.toLowerCase()),
    permissive: true,
    command,
    roles,
    using: command === 'INSERT' ? null : command === 'SELECT' ? read : write,
    withCheck: command === 'INSERT' || command === 'UPDATE' ? write : null,
  }))
  return [guard, ...permissive]
}

function tests(table: BoundTable, tenant: KeyTest, org: KeyTest | null): readonly RowTest[] {
  const wanted: RowTest[] = table.tenant ? [{ path: table.tenant, test: tenant }] : []
  if (table.org && org) wanted.push({ path: table.org, test: org })
  return wanted
}

function memberPolicies(bound: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const { model } = bound
  const roles = memberRoles(model)
  if (table.scope === 'global') return globalPolicies(bound, table)
  const { name } = table.relation
  const conditions = tests(table, memberTenantTest(model.context), isAmongContext('org_unit_ids'))
  const keys = conditions.length > 0 ? [rowPredicate(conditions, name)] : []
  const { commands, workerCommands } = table
  const app = [model.roles.app]
  if (!table.user) {
    const predicate = and(keys)
    const rule = { audience: 'member', read: predicate, write: predicate, commands }
    if (areSame(commands, workerCommands)) return rulePolicies({ ...rule, roles })
    return [...rulePolicies({ ...rule, roles: app }), ...workerPolicies(bound, table, keys)]
  }
  // SECURITY: without a tenant to compare, nothing else would keep the user of an auditor's or a
  // platform context from reading and writing as a member.
  const isTenantless = conditions.length === 0 && model.context.kind === 'signed'
  const own = and([
    ...(isTenantless ? [inMode('member')] : keys),
    equalsContext('user_id')(comparand(table.user, null), table.user),
  ])
  const read = table.shared
    ? or([own, sharesTenant(name, table.user, table.shared, memberTenantTest(model.context))])
    : own
  return [
    ...rulePolicies({ audience: 'member', roles: app, read, write: own, commands }),
    ...workerPolicies(bound, table, keys),
  ]
}

/**
 * Beside the tenant and the org unit: members reach the rows of their own user, and those who hold a
 * capability reach those of others.
 */
function ownRowsPolicies({ model }: BoundModel, table: BoundTable): readonly PolicyShape[] {
  if (table.own === null || table.commands.length === 0) return []
  const { user, unless } = table.own
  const own = rowPredicate([{ path: user, test: equalsContext('user_id') }], table.relation.name)
  const test = or([own, ...(unless === null ? [] : [hasCapability(unless)])])
  const canWrite = table.commands.some((command) => command !== 'SELECT')
  return [
    {
      name: `${policyPrefix}member_own`,
      permissive: false,
      command: canWrite ? 'ALL' : 'SELECT',
      roles: [model.roles.app],
      using: test,
      withCheck: canWrite ? test : null,
    },
  ]
}

function areSame(some: readonly Command[], others: readonly Command[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}

/** Workers act for a tenant, not for a user: they see what every user of it owns. */
function workerPolicies(
  { model }: BoundModel,
  table: BoundTable,
  keys: readonly Sql[],
): readonly PolicyShape[] {
  if (model.roles.worker === null) return []
  const roles = [model.roles.worker]
  const commands = table.workerCommands
  // A member's token on the worker's connection must not open what other users own.
  const asWorker = model.context.kind === 'signed' ? [inMode('worker')] : []
  if (keys.length > 0) {
    const tenantWide = and([...asWorker, ...keys])
    return rulePolicies({
      audience: 'worker',
      roles,
      read: tenantWide,
      write: tenantWide,
      commands,
    })
  }
  if (!table.user || !table.shared) return []
  const test = memberTenantTest(model.context)
  const shared = sharesTenant(table.relation.name, table.user, table.shared, test)
  const read = and([...asWorker, shared])
  return rulePolicies({ audience: 'worker', roles, read, write: read, commands: ['SELECT'] })
}

/** Reference data: everyone inside reads it, only the platform writes it. */
function globalPolicies(bound: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const { roles, context } = bound.model
  const readers = [...memberRoles(bound.model), roles.auditor, roles.platform].filter(
    (role) => role !== null,
  )
  const policies: PolicyShape[] = [
    {
      name: `${policyPrefix}global_select`,
      permissive: true,
      command: 'SELECT',
      roles: readers,
      using: sql`true`,
      withCheck: null,
    },
  ]
  if (roles.platform === null) return policies
  const isPlatform = context.kind === 'signed' ? inMode('platform') : sql`true`
  const writes = (['INSERT', 'UPDATE', 'DELETE'] as const).filter(
    (command) => !table.appendOnly || command === 'INSERT',
  )
  for (const command of writes) {
    policies.push({
      name: `${policyPrefix}global_${command.toLowerCase()}`,
      permissive: true,
      command,
      roles: [roles.platform],
      using: command === 'INSERT' ? null : isPlatform,
      withCheck: command === 'DELETE' ? null : isPlatform,
    })
  }
  return policies
}

/**
 * True in one mode, decided once per statement. The comparison is inside of the sub-select, since
 * PostgreSQL takes one in two rows to pass a boolean that it cannot see, but one in two hundred to
 * pass an equality: with that estimate it reads a whole table rather than the first page by an index.
 */
function inMode(mode: string): Sql {
  const is = sql`${qualifiedName('watertight', 'mode')}() = ${trustedSql(`'${mode}'::text`)}`
  return sql`( SELECT (${is}))`
}

function auditorPolicies({ model }: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const { auditor } = model.roles
  if (auditor === null || !table.auditor || table.scope === 'global') return []
  const test =
    model.context.kind === 'membership'
      ? memberTenantTest(model.context)
      : equalsContext('auditor_tenant_id')
  // A grant opens a whole tenant, so an auditor sees all of its org units.
  const conditions = tests(table, test, null)
  if (conditions.length === 0) return []
  const read = rowPredicate(conditions, table.relation.name)
  return rulePolicies({
    audience: 'auditor',
    roles: [auditor],
    read,
    write: read,
    commands: ['SELECT'],
  })
}

/** Platform support: one tenant by a live grant, read-only unless the grant says otherwise. */
function platformPolicies({ model }: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const { platform } = model.roles
  if (platform === null || table.scope === 'global' || model.context.kind === 'membership')
    return []
  const { name } = table.relation
  const readTest = equalsContext('platform_tenant_id')
  const readConditions = tests(table, readTest, null)
  if (readConditions.length === 0) {
    if (!table.user || !table.shared) return []
    const read = sharesTenant(name, table.user, table.shared, readTest)
    return rulePolicies({
      audience: 'platform',
      roles: [platform],
      read,
      write: read,
      commands: ['SELECT'],
    })
  }
  return rulePolicies({
    audience: 'platform',
    roles: [platform],
    read: rowPredicate(readConditions, name),
    write: rowPredicate(tests(table, equalsContext('platform_write_tenant_id'), null), name),
    commands: platformCommands(model, table),
  })
}

/**
 * What platform support may run on a tenant's table.
 *
 * SECURITY: never a write to the grants themselves, or a grant could prolong itself.
 */
export function platformCommands(model: TenancyModel, table: BoundTable): readonly Command[] {
  const grants = model.accessGrants
  if (grants && tableKey(grants.table) === tableKey(table.relation)) return ['SELECT']
  return table.appendOnly ? ['SELECT', 'INSERT'] : ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
}

/** Anyone, without a tenant: the published rows, and children of published rows. */
function publicPolicies({ model }: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const role = model.roles.public
  if (role === null || !table.public) return []
  const { where, through } = table.public
  const { name } = table.relation
  const alias = ident(`${aliasStem(name, 'parent')}1`)
  const conditions = [
    ...(model.context.kind === 'signed' ? [inMode('public')] : []),
    // The parent's own policies decide which parents are public.
    ...(through ? [existsParent(through, alias, ident(name), [])] : []),
    // Last: the parser merges a conjunction that comes first into the one around it.
    ...(where === null ? [] : [trustedSql(where)]),
  ]
  const read = conditions.length === 0 ? sql`true` : and(conditions)
  return rulePolicies({
    audience: 'public',
    roles: [role],
    read,
    write: read,
    commands: ['SELECT'],
  })
}

/** Kernel functions read org units, grants and memberships as the owner, whom FORCE would stop. */
function kernelPolicies(bound: BoundModel, table: BoundTable): readonly PolicyShape[] {
  if (!kernelReads(bound).some(({ key }) => key === tableKey(table.relation))) return []
  return [
    {
      name: `${policyPrefix}kernel_select`,
      permissive: true,
      command: 'SELECT',
      roles: [kernelOwner(bound)],
      using: sql`true`,
      withCheck: null,
    },
  ]
}

/** Functions that disclose read and write across tenants; column grants bound what. */
function disclosurePolicies({ model }: BoundModel, table: BoundTable): readonly PolicyShape[] {
  const disclosed = disclosedOn(model, table.relation)
  if (disclosed === null) return []
  const { role, reads, inserts, updates, deletes } = disclosed
  const commands: readonly Command[] = [
    ...(reads.length > 0 ? (['SELECT'] as const) : []),
    ...(inserts.length > 0 ? (['INSERT'] as const) : []),
    ...(updates.length > 0 ? (['UPDATE'] as const) : []),
    ...(deletes ? (['DELETE'] as const) : []),
  ]
  return commands.map((command) => ({
    name: `${policyPrefix}disclosure_${command.toLowerCase()}`,
    permissive: true,
    command,
    roles: [role],
    using: command === 'INSERT' ? null : sql`true`,
    withCheck: command === 'INSERT' || command === 'UPDATE' ? sql`true` : null,
  }))
}

/** Tables, with their columns, that SECURITY DEFINER kernel functions read. */
export function kernelReads({
  model,
}: BoundModel): readonly { key: string; columns: readonly string[] | null }[] {
  const { orgUnits, accessGrants, context, tenantKey } = model
  const reads: { key: string; columns: readonly string[] | null }[] = []
  if (orgUnits?.table && context.kind === 'signed') {
    const { idColumn, parentColumn, tenantColumn } = orgUnits
    reads.push({ key: tableKey(orgUnits.table), columns: [idColumn, parentColumn, tenantColumn] })
  }
  if (accessGrants && context.kind === 'signed') {
    const { table, ...columns } = accessGrants
    reads.push({ key: tableKey(table), columns: Object.values(columns) })
  }
  // Conditions that the model's author wrote may read any column.
  if (tenantKey.table && tenantKey.activeWhere !== null && context.kind === 'signed') {
    reads.push({ key: tableKey(tenantKey.table), columns: null })
  }
  if (context.kind === 'membership') reads.push({ key: tableKey(context.via.table), columns: null })
  if (context.kind === 'membership' && context.owner !== null && tenantKey.table) {
    const columns = [tenantColumnOf(model, tenantKey.table), context.owner]
    reads.push({ key: tableKey(tenantKey.table), columns })
  }
  return reads
}
