import type { Command, RuntimeRole, TableDeclaration } from 'watertight/model'
import type { TenantContextInput } from 'watertight/runtime'
import { demoId } from '../../src/demo-data/index.js'
import type { MatrixRow, MatrixTable } from './matrix-table.js'

/** Somebody who tries every command on every table. */
export interface MatrixActor {
  readonly name: string
  readonly role: RuntimeRole
  /** Null: no context at all. */
  readonly claims: TenantContextInput | null
  /** What the access grant of the claims is worth at this moment. */
  readonly grant: 'none' | 'read' | 'write'
}

/** What expectations rest on, as the superuser sees it. */
export interface MatrixFacts {
  /** Org units by id. */
  readonly orgUnits: ReadonlyMap<
    string,
    { readonly tenant: string; readonly parent: string | null }
  >
  /** Tenants by user, revoked memberships included. */
  readonly tenantsOfUser: ReadonlyMap<string, ReadonlySet<string>>
}

const all: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/** The access matrix in code: may this actor run this command on this row? */
export function isAllowed(
  facts: MatrixFacts,
  actor: MatrixActor,
  table: MatrixTable,
  row: MatrixRow,
  command: Command,
): boolean {
  const { declaration } = table
  if (declaration.scope === 'global') return onGlobal(actor, declaration, command)
  if (actor.claims === null) return false
  switch (actor.role) {
    case 'app':
      return asMember(facts, actor.claims, table, row, command)
    case 'worker':
      return asWorker(facts, actor.claims, table, row, command)
    case 'auditor':
      return command === 'SELECT' && asAuditor(actor, table, row)
    case 'platform':
      return asPlatform(facts, actor, table, row, command)
    case 'public':
      return command === 'SELECT' && row.isPublic
  }
}

/** Everybody inside reads reference data, with or without a context; the platform keeps it. */
function onGlobal(actor: MatrixActor, { appendOnly }: TableDeclaration, command: Command): boolean {
  if (actor.role === 'public') return false
  if (command === 'SELECT') return true
  const isKeeper = actor.role === 'platform' && actor.claims !== null
  return isKeeper && (!appendOnly || command === 'INSERT')
}

function asMember(
  facts: MatrixFacts,
  claims: TenantContextInput,
  table: MatrixTable,
  row: MatrixRow,
  command: Command,
): boolean {
  const { declaration } = table
  if (!declaration.commands.includes(command)) return false
  if (declaration.scope === 'self') {
    const isOwn = row.user === claims.userId && (!table.hasTenant || row.tenant === claims.tenantId)
    return isOwn || (command === 'SELECT' && isColleague(facts, declaration, claims, row))
  }
  const isInReach = row.tenant === claims.tenantId && isInScope(facts, claims, declaration, row)
  return isInReach && (declaration.ownRows === null || isOwnOrSupervised(table, claims, row))
}

function isOwnOrSupervised(
  { unless }: MatrixTable,
  { userId, capabilities }: TenantContextInput,
  { user }: MatrixRow,
): boolean {
  const isOwn = user !== null && user === userId
  return isOwn || (unless !== null && capabilities?.includes(unless) === true)
}

function isColleague(
  { tenantsOfUser }: MatrixFacts,
  { sharedThrough }: TableDeclaration,
  { tenantId }: TenantContextInput,
  { user }: MatrixRow,
): boolean {
  const tenants = tenantsOfUser.get(user ?? '')
  return sharedThrough !== null && tenants !== undefined && tenants.has(String(tenantId))
}

function isInScope(
  { orgUnits }: MatrixFacts,
  { orgScope, orgUnitId, tenantId }: TenantContextInput,
  { scope }: TableDeclaration,
  { orgUnit }: MatrixRow,
): boolean {
  if (scope !== 'org') return true
  if (orgScope === 'all') return orgUnits.get(orgUnit ?? '')?.tenant === tenantId
  if (orgScope === 'unit') return orgUnit === orgUnitId
  if (orgScope !== 'subtree') return false
  for (let unit = orgUnit; unit !== null; unit = orgUnits.get(unit)?.parent ?? null) {
    if (unit === orgUnitId) return true
  }
  return false
}

/** A job acts for a tenant, not for a user: what a user owns inside the tenant is the tenant's. */
function asWorker(
  facts: MatrixFacts,
  claims: TenantContextInput,
  table: MatrixTable,
  row: MatrixRow,
  command: Command,
): boolean {
  const { declaration } = table
  if (!declaration.workerCommands.includes(command)) return false
  if (declaration.scope === 'self' && !table.hasTenant) {
    return command === 'SELECT' && isColleague(facts, declaration, claims, row)
  }
  return row.tenant === claims.tenantId && isInScope(facts, claims, declaration, row)
}

function asAuditor(
  { claims, grant }: MatrixActor,
  { declaration, hasTenant }: MatrixTable,
  row: MatrixRow,
): boolean {
  if (grant === 'none' || declaration.auditor === null || !hasTenant) return false
  return row.tenant === claims?.tenantId
}

function asPlatform(
  facts: MatrixFacts,
  { claims, grant }: MatrixActor,
  table: MatrixTable,
  row: MatrixRow,
  command: Command,
): boolean {
  const { declaration } = table
  if (grant === 'none' || claims === null) return false
  if (!table.hasTenant) {
    return command === 'SELECT' && isColleague(facts, declaration, claims, row)
  }
  if (row.tenant !== claims.tenantId) return false
  if (command === 'SELECT') return true
  // A grant must not prolong itself.
  if (grant === 'read' || table.name === 'core.access_grants') return false
  return all.includes(command) && (!declaration.appendOnly || command === 'INSERT')
}

/** A user that exists nowhere. */
export const stranger: string = demoId('core.users', 9, 999)
