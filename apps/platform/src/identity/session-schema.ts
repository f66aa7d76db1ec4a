import { z } from 'zod'
import { capabilitiesOfGrant } from '../api/capabilities.js'
import type { OwnUser } from './directory-repository.js'
import type { SessionView } from './session-view.js'

/** A user as they see themselves. */
export const sessionUser = z.object({
  id: z.uuid(),
  email: z.string(),
  displayName: z.string(),
  locale: z.string(),
  isPlatformStaff: z.boolean(),
})

/** The row as a reply. */
export function shownUser(user: OwnUser): z.input<typeof sessionUser> {
  return {
    id: user.id,
    email: user.email,
    displayName: user.display_name,
    locale: user.locale,
    isPlatformStaff: user.is_platform_staff,
  }
}

const tenant = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
})
const role = z.enum(['tenant_admin', 'org_manager', 'member'])

const grant = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  tenantSlug: z.string(),
  tenantName: z.string(),
  mode: z.enum(['auditor', 'platform']),
  reason: z.string(),
  canWrite: z.boolean(),
  /** False for one that has not begun: it cannot be switched to yet. */
  isOpen: z.boolean(),
  startsAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

/** A session as replies show it. */
export const sessionSchema = z.object({
  user: sessionUser,
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
      reason: z.string(),
      canWrite: z.boolean(),
      expiresAt: z.iso.datetime(),
      remainingSeconds: z.number().int(),
    }),
  ),
  /** When the token is refused; a switch makes one that lives on, as long as the token that is switched. */
  expiresAt: z.iso.datetime(),
  /** When the sign-in ends, as far as its issuer says so; else when its token does. */
  signedInUntil: z.iso.datetime(),
  tenants: z.array(tenant.extend({ role })),
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

/** The view as a reply. */
export function shownSession({
  user,
  caller,
  standing,
  ...view
}: SessionView): z.input<typeof sessionSchema> {
  const member = standing?.mode === 'member' ? standing : null
  const granted = standing === null || standing.mode === 'member' ? null : standing
  return {
    user: shownUser(user),
    mode: standing?.mode ?? 'user',
    role: member?.role ?? null,
    tenant: view.tenant,
    orgScope: member?.orgScope ?? null,
    orgUnitId: member?.orgUnitId ?? null,
    capabilities: [
      ...(granted === null
        ? (member?.capabilities ?? [])
        : capabilitiesOfGrant(granted.mode, granted.canWrite)),
    ],
    window: granted && {
      grantId: granted.grantId,
      reason: granted.reason,
      canWrite: granted.canWrite,
      expiresAt: granted.endsAt.toISOString(),
      remainingSeconds: Math.max(0, Math.floor((granted.endsAt.getTime() - Date.now()) / 1000)),
    },
    expiresAt: new Date(caller.expiresAt * 1000).toISOString(),
    signedInUntil: new Date(caller.signInEnds * 1000).toISOString(),
    tenants: view.tenants.map((each) => ({ ...each })),
    orgUnits: view.units.map(({ parent_id: parentId, ...unit }) => ({ ...unit, parentId })),
    grants: view.grants.map((each) => ({
      id: each.id,
      tenantId: each.tenant_id,
      tenantSlug: each.slug,
      tenantName: each.name,
      mode: each.mode,
      reason: each.reason,
      isOpen: each.starts_at.getTime() <= Date.now(),
      canWrite: each.can_write,
      startsAt: each.starts_at.toISOString(),
      expiresAt: each.expires_at.toISOString(),
    })),
  }
}
