import type { RuntimeRole, TenancyModel } from 'watertight/model'
import { generateSigningKey, hmacPads, parseTenantContext, signContext } from 'watertight/runtime'
import type { TenantContextInput } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { GrantIds } from '../access-grants.js'
import type { Principal } from '../principals.js'
import { numberOf } from '../samples.js'
import type { ProbeSession } from '../session.js'
import type { ContextMaker } from './made-context.js'

const setting = 'watertight.context'
const lifetimeSeconds = 600

/**
 * Contexts signed by a key that exists only inside the transaction: it is never committed, so no
 * other session can ever verify what it signed.
 */
export async function signedContext(
  model: TenancyModel,
  session: ProbeSession,
  grants: GrantIds,
): Promise<ContextMaker | string> {
  const key = generateSigningKey()
  const { inner, outer } = hmacPads(key.secret)
  const stored = await session.admin(
    sql`insert into watertight.signing_keys (kid, inner_key, outer_key) values ($1, $2, $3)`,
    [key.kid, inner, outer],
  )
  if (!stored.ok) return `no signing key can be added to the transaction (${stored.sqlState})`
  const clock = await session.admin(
    sql`select extract(epoch from clock_timestamp())::bigint::text as now`,
  )
  const now = clock.ok ? numberOf(clock.rows[0]?.['now']) : 0

  return {
    leftover: [[setting, '']],
    make: (principal, role) => {
      const claims = claimsFor(role.kind, principal, grants)
      if (typeof claims === 'string') return claims
      const context = parseTenantContext(
        { ...claims, expiresAt: now + lifetimeSeconds },
        {
          now: () => now * 1_000,
          keyTypes: {
            tenant: model.tenantKey.type,
            user: model.userKey.type,
            ...(model.orgUnits === null ? {} : { orgUnit: model.orgUnits.type }),
          },
        },
      )
      return [[setting, signContext(context, key)]]
    },
  }
}

function claimsFor(
  role: RuntimeRole,
  { tenant: tenantId, user: userId }: Principal,
  grants: GrantIds,
): TenantContextInput | string {
  switch (role) {
    case 'app':
      return { mode: 'member', tenantId, userId, orgScope: 'all' }
    case 'worker':
      return { mode: 'worker', tenantId, userId, orgScope: 'all' }
    case 'public':
      return { mode: 'public' }
    case 'auditor':
    case 'platform': {
      const grant = grants[role]
      if (typeof grant === 'string') return grant
      return { mode: role, tenantId, userId, accessGrantId: grant.id }
    }
    default:
      return role satisfies never
  }
}
