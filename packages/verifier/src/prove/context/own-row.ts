import { compare, hasPlainEquality } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import type { Obligation } from '../obligation.js'
import { and, falsity, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { claimsOf, isInMode } from './claims.js'
import { contextUser } from './context-user.js'
import { isOwnTenant } from './own-tenants.js'
import { isOwnMembersRow } from './member-of-row.js'
import { readerOf } from './reader.js'
import { tenantOfRow } from './tenant-of-row.js'

/**
 * The row is one that the context may reach: its tenant's, on a table of scope `self` its user's, and
 * on one with own rows a member's own, where no capability opens those of others.
 * Undefined when the model does not say whose the row is, in a type whose equality is that of its
 * values.
 */
export function isOwnRow(encoding: Encoding, obligation: Obligation, row: Row): Term | undefined {
  return obligation.table.scope === 'self'
    ? isOwnSelfRow(encoding, obligation, row)
    : isOwnTenantRow(encoding, obligation, row)
}

function isOwnTenantRow(encoding: Encoding, obligation: Obligation, row: Row): Term | undefined {
  const tenant = tenantOfRow(encoding, obligation.table, row)
  if (tenant === undefined || !hasPlainEquality(tenant)) return undefined
  const own = isOwnTenant(encoding, tenant, readerOf(encoding.subject.model, obligation))
  const inTenant = own && and(not(tenant.isNull), own)
  const { kind } = readerOf(encoding.subject.model, obligation)
  if (kind !== 'app' || obligation.table.ownRows === null) return inTenant
  const mine = isOwnMembersRow(encoding, obligation.table, row)
  return inTenant && mine && and(inTenant, mine)
}

/**
 * Members reach what their user owns. Workers act for a tenant and auditors and the platform by a
 * grant to one: they reach what all its users own, where the row says the tenant.
 */
function isOwnSelfRow(encoding: Encoding, obligation: Obligation, row: Row): Term | undefined {
  const { table, command } = obligation
  const { kind } = readerOf(encoding.subject.model, obligation)
  const user = table.userColumn === null ? undefined : columnOf(encoding, row, table.userColumn)
  if (user === undefined || !hasPlainEquality(user)) return undefined
  const inTenant = hasTenant(obligation) ? isOwnTenantRow(encoding, obligation, row) : truth
  if (inTenant === undefined) return undefined
  const shared = command === 'SELECT' ? isShared(encoding, obligation, user) : falsity
  const tenantWide = hasTenant(obligation) ? inTenant : falsity
  if (kind === 'auditor') return tenantWide
  if (kind === 'platform') return or(tenantWide, shared)
  const caller = contextUser(encoding, user.type)
  if (caller === undefined) return undefined
  const mine = and(isTrue(compare(encoding, '=', user, caller)), inTenant, isMember(encoding))
  return or(mine, shared, kind === 'worker' ? tenantWide : falsity)
}

function hasTenant({ table }: Obligation): boolean {
  return table.tenantColumn !== null || table.through !== null
}

/** A user of another mode's context is not here as a member. */
function isMember(encoding: Encoding): Term {
  const isSigned = encoding.subject.model.context.kind === 'signed'
  return isSigned ? isInMode(claimsOf(encoding), 'member', 'worker') : truth
}

/** The row's user shares a tenant with the context, by a row of the table that says so. */
function isShared(encoding: Encoding, obligation: Obligation, user: Value): Term {
  const shared = obligation.table.declaration?.sharedThrough ?? null
  if (shared === null) return falsity
  const { schema, name } = shared.table
  encoding.assumptions.add(`${schema}.${name} decides which users share a tenant`)
  const rows = encoding.rows.filter(
    ({ relation, stored }) => stored && relation.schema === schema && relation.name === name,
  )
  return or(
    ...rows.map((row) => {
      const [other, tenant] = [
        columnOf(encoding, row, shared.userColumn),
        columnOf(encoding, row, shared.tenantColumn),
      ]
      const own =
        tenant && isOwnTenant(encoding, tenant, readerOf(encoding.subject.model, obligation))
      if (other === undefined || own === undefined) return falsity
      return and(isTrue(compare(encoding, '=', other, user)), own)
    }),
  )
}
