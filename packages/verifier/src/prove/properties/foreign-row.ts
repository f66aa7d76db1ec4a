import { isOwnTenant, contextUser } from '../context/own-tenants.js'
import { tenantOfRow } from '../context/tenant-of-row.js'
import { compare, hasPlainEquality } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { encodeOn } from '../encode/policies.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue } from '../encode/value.js'
import type { Obligation } from '../obligation.js'
import { and, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'

/**
 * The row is not one that the context may reach: another tenant's, or nobody's. Undefined when the
 * model does not say whose the row is.
 */
export function isForeign(encoding: Encoding, obligation: Obligation, row: Row): Term | undefined {
  const { table } = obligation
  const own =
    table.scope === 'self' ? isOwnUser(encoding, obligation, row) : isOwn(encoding, obligation, row)
  if (own === undefined) return undefined
  return and(not(own), not(isPublic(encoding, obligation, row)))
}

function isOwn(encoding: Encoding, { table, actor }: Obligation, row: Row): Term | undefined {
  const tenant = tenantOfRow(encoding, table, row)
  // A type whose equality is not that of its values merges tenants.
  if (tenant === undefined || !hasPlainEquality(tenant)) return undefined
  const own = isOwnTenant(encoding, tenant, actor)
  return own && and(not(tenant.isNull), own)
}

function isOwnUser(encoding: Encoding, { table }: Obligation, row: Row): Term | undefined {
  const user = table.userColumn === null ? undefined : columnOf(encoding, row, table.userColumn)
  const caller = user && contextUser(encoding, user.type)
  const shared = table.declaration?.sharedThrough ?? null
  if (user === undefined || caller === undefined || !hasPlainEquality(user) || shared !== null)
    return undefined
  return isTrue(compare(encoding, '=', user, caller))
}

/** Rows that the model declares readable by everybody, for the role that stands for everybody. */
function isPublic(encoding: Encoding, { table, role, actor, command }: Obligation, row: Row): Term {
  const none: Term = or()
  const { public: projection } = table
  const { model, access } = encoding.subject
  if (projection === null || command !== 'SELECT' || role !== model.roles.public) return none
  if (projection.through !== null) return none
  const { columns } = projection
  if (columns !== null) {
    const readable = access.columns(actor, 'SELECT', table.relation)
    if (!readable.every((name) => columns.includes(name))) return none
  }
  return projection.where === null
    ? truth
    : isTrue(encodeOn(encoding, row, actor, projection.where))
}
