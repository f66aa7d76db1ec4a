import { z } from 'zod'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant, TenantStep } from '../api/tenant-step.js'
import type { IssuedSession } from './session-issuer.js'
import { switchSession } from './session-switch.js'
import type { SessionView } from './session-view.js'
import { viewSession } from './session-view.js'

const tenant = z.object({ id: z.uuid(), slug: z.string(), name: z.string() })
const role = z.enum(['tenant_admin', 'org_manager', 'member'])

const grant = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  tenantName: z.string(),
  mode: z.enum(['auditor', 'platform']),
  canWrite: z.boolean(),
  startsAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

const session = z.object({
  user: z.object({
    id: z.uuid(),
    email: z.string(),
    displayName: z.string(),
    locale: z.string(),
    isPlatformStaff: z.boolean(),
  }),
  /** `user`: outside of any tenant. */
  mode: z.enum(['user', 'member', 'auditor', 'platform']),
  role: z.nullable(role),
  tenant: z.nullable(tenant),
  orgScope: z.nullable(z.enum(['unit', 'subtree', 'all'])),
  orgUnitId: z.nullable(z.uuid()),
  capabilities: z.array(z.string()),
  /** The window of an auditor or of platform support. */
  window: z.nullable(
    z.object({
      grantId: z.uuid(),
      canWrite: z.boolean(),
      expiresAt: z.iso.datetime(),
      remainingSeconds: z.number().int(),
    }),
  ),
  expiresAt: z.iso.datetime(),
  tenants: z.array(tenant.extend({ status: z.string(), role })),
  orgUnits: z.array(
    z.object({
      id: z.uuid(),
      parentId: z.nullable(z.uuid()),
      name: z.string(),
      scope: z.enum(['unit', 'subtree']),
    }),
  ),
  grants: z.array(grant),
})

function shown({ user, caller, standing, ...view }: SessionView): z.input<typeof session> {
  const member = standing?.mode === 'member' ? standing : null
  const granted = standing === null || standing.mode === 'member' ? null : standing
  return {
    user: {
      id: user.id,
      email: user.email,
      displayName: user.display_name,
      locale: user.locale,
      isPlatformStaff: user.is_platform_staff,
    },
    mode: standing?.mode ?? 'user',
    role: member?.role ?? null,
    tenant: view.tenant,
    orgScope: member?.orgScope ?? null,
    orgUnitId: member?.orgUnitId ?? null,
    capabilities: [...(member?.capabilities ?? [])],
    window: granted && {
      grantId: granted.grantId,
      canWrite: granted.canWrite,
      expiresAt: granted.endsAt.toISOString(),
      remainingSeconds: Math.max(0, Math.floor((granted.endsAt.getTime() - Date.now()) / 1000)),
    },
    expiresAt: new Date(caller.expiresAt * 1000).toISOString(),
    tenants: view.tenants.map((each) => ({ ...each })),
    orgUnits: view.units.map(({ parent_id: parentId, ...unit }) => ({ ...unit, parentId })),
    grants: view.grants.map((each) => ({
      id: each.id,
      tenantId: each.tenant_id,
      tenantName: each.name,
      mode: each.mode,
      canWrite: each.can_write,
      startsAt: each.starts_at.toISOString(),
      expiresAt: each.expires_at.toISOString(),
    })),
  }
}

function shownToken({ token, expiresAt }: IssuedSession): z.input<typeof sessionToken> {
  return {
    accessToken: token,
    tokenType: 'Bearer',
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  }
}

/** A reply, now or after the step that makes it. */
function replied<View, Reply>(
  view: View | TenantStep<View>,
  show: (view: View) => Reply,
): Reply | TenantStep<Reply> {
  if (!(view instanceof TenantStep)) return show(view)
  return forTenant(view.tenantId, async (worker) => show(await view.run(worker)))
}

const sessionToken = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresAt: z.iso.datetime(),
})

const target = z
  .strictObject({
    tenantId: z.uuid().optional(),
    orgUnitId: z.uuid().optional(),
    grantId: z.uuid().optional(),
  })
  .refine(
    ({ tenantId, orgUnitId, grantId }) =>
      grantId === undefined
        ? tenantId !== undefined || orgUnitId !== undefined
        : tenantId === undefined && orgUnitId === undefined,
    'names a tenant, an org unit of it or both, or an access grant alone',
  )

/** Who the caller is, and switching to what else they are. */
export const sessionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/session',
    id: 'getSession',
    summary: 'Who the caller is, what they may do, and what they can switch to',
    tag: 'session',
    access: { kind: 'user' },
    input: {},
    reply: { status: 200, schema: session, description: 'The session' },
    handle: async ({ tx, identity }) => replied(await viewSession(tx, identity), shown),
  }),
  defineRoute({
    method: 'POST',
    path: '/session/switch',
    id: 'switchSession',
    summary: 'A token for another tenant, org unit or access grant of the same user',
    tag: 'session',
    access: { kind: 'user' },
    revealsSecret: true,
    input: { body: target },
    reply: {
      status: 200,
      schema: sessionToken,
      description: 'A token that lives ten minutes at most',
    },
    handle: async ({ tx, services, identity, body }) => {
      if (services === null) throw new Error('the API was opened without sessions')
      return replied(await switchSession(tx, identity, body, services.sessions), shownToken)
    },
  }),
]
