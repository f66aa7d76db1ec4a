import type { AccessGrants } from 'watertight/model'
import { castTo } from '../encode/cast.js'
import { compare } from '../encode/compare.js'
import { freeBool, relationNamed } from '../encode/encoding.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf, makeRow } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue, present } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { and, implies, not, or, text, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { claimsOf, isInMode } from './claims.js'

/** Modes whose reach rests on a row of the table of grants. */
export type GrantedMode = 'auditor' | 'platform'

/**
 * The tenant that a kernel function returns in a granted mode: that of a live grant of the context's
 * user. Undefined when the table of grants is not of a form that is modelled.
 */
export function grantedTenant(
  encoding: Encoding,
  mode: GrantedMode,
  writes: boolean,
): Value | undefined {
  const { accessGrants } = encoding.subject.model
  const claims = claimsOf(encoding)
  const isInIt = isInMode(claims, mode)
  const { tenant } = claims
  if (accessGrants === null) return { ...tenant, isNull: or(not(isInIt), tenant.isNull) }
  const relation = relationNamed(
    encoding.subject,
    accessGrants.table.schema,
    accessGrants.table.name,
  )
  if (relation === undefined) return undefined
  const row = makeRow(encoding, relation, `grant to the ${mode}${writes ? ' to write' : ''}`)
  const isLive = liveFor(encoding, accessGrants, row, mode, writes, tenant)
  if (isLive === undefined) return undefined
  const found = freeBool(encoding, 'a live grant is found').term
  encoding.facts.push(implies(found, and(isInIt, not(tenant.isNull), isLive)))
  return { ...tenant, isNull: not(found) }
}

/**
 * Whether the context has a live grant to the tenant. Call it last: it knows the grants that the
 * obligation speaks about, which leaves out none that would excuse a row.
 */
export function hasGrant(
  encoding: Encoding,
  mode: GrantedMode,
  writes: boolean,
  tenant: Value,
): Term | undefined {
  const { accessGrants } = encoding.subject.model
  const claims = claimsOf(encoding)
  const isInIt = isInMode(claims, mode)
  if (accessGrants === null) {
    encoding.assumptions.add(
      'without a table of grants, whoever signs contexts decides what auditors and the platform reach',
    )
    return and(isInIt, isTrue(compare(encoding, '=', claims.tenant, tenant)))
  }
  const { schema, name } = accessGrants.table
  const rows = encoding.rows.filter(
    ({ relation, stored }) => stored && relation.schema === schema && relation.name === name,
  )
  const live: Term[] = []
  for (const row of rows) {
    const term = liveFor(encoding, accessGrants, row, mode, writes, tenant)
    if (term === undefined) return undefined
    live.push(term)
  }
  return and(isInIt, or(...live))
}

/** The row is a grant to the context's user, for the tenant and the mode, that is in force now. */
function liveFor(
  encoding: Encoding,
  grants: AccessGrants,
  row: Row,
  mode: GrantedMode,
  writes: boolean,
  tenant: Value,
): Term | undefined {
  const claims = claimsOf(encoding)
  const column = (name: string): Value | undefined => columnOf(encoding, row, name)
  const [of, grantee] = [column(grants.tenantColumn), column(grants.granteeColumn)]
  const [starts, expires] = [column(grants.startsAtColumn), column(grants.expiresAtColumn)]
  const [kind, revoked] = [column(grants.modeColumn), column(grants.revokedAtColumn)]
  const canWrite = column(grants.canWriteColumn)
  if (!of || !grantee || !kind || !revoked || !canWrite) return undefined
  if (starts?.type !== claims.clock.type || expires?.type !== claims.clock.type) return undefined
  const wanted = present('text', text(mode))
  return and(
    isTrue(compare(encoding, '=', of, tenant)),
    isTrue(compare(encoding, '=', grantee, claims.user)),
    isTrue(compare(encoding, '=', castTo(encoding, kind, 'text'), wanted)),
    isTrue(compare(encoding, '<=', starts, claims.clock)),
    isTrue(compare(encoding, '>', expires, claims.clock)),
    revoked.isNull,
    writes ? isTrue(canWrite) : truth,
  )
}
