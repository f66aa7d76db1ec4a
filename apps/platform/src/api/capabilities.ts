/** What members may do, beside which rows the database shows them. */
export const capabilities = [
  'assets.read',
  'assets.write',
  'alerts.read',
  'alerts.write',
  'tickets.read',
  'tickets.write',
  'enrolment.read',
  'enrolment.write',
  'integrations.read',
  'integrations.write',
  'deliveries.read',
  'deliveries.write',
  'compliance.read',
  'compliance.write',
  'evidence.read',
  'evidence.write',
  'exports.read',
  /** Exports that others have asked for, too. */
  'exports.read_all',
  'exports.write',
  'notifications.read',
  'notifications.write',
  'preferences.read',
  'preferences.write',
  'media.read',
  'media.write',
  'evaluations.read',
  'evaluations.take',
  'evaluations.write',
  'evaluations.score',
  'evaluations.supervise',
  'events.read',
  'events.write',
  'registrations.read',
  'registrations.write',
  'registrations.own',
  'check_ins.read',
  'check_ins.write',
  'members.read',
  'members.write',
  'org_units.read',
  'org_units.write',
  'api_keys.read',
  'api_keys.write',
  'keys.read',
  'keys.write',
  'audit.read',
  'audit.export',
  'access_grants.read',
  'access_grants.write',
  'isolation.read',
  'explain.read',
  'explain.members',
  'performance.read',
  'tenant.archive',
  /** Everything of the tenant in one file. */
  'tenant.export',
] as const

/** One of {@link capabilities}. */
export type Capability = (typeof capabilities)[number]

/** The role of a membership. */
export type MembershipRole = 'tenant_admin' | 'org_manager' | 'member'

const ofMember: readonly Capability[] = [
  'assets.read',
  'alerts.read',
  'tickets.read',
  'compliance.read',
  'preferences.read',
  'preferences.write',
  'media.read',
  'evaluations.read',
  'evaluations.take',
  'events.read',
  'registrations.own',
  'check_ins.read',
  'check_ins.write',
  'members.read',
  'org_units.read',
  'explain.read',
]
const ofManager: readonly Capability[] = [
  ...ofMember,
  'assets.write',
  'alerts.write',
  'tickets.write',
  'enrolment.read',
  'enrolment.write',
  'evidence.read',
  'evidence.write',
  'media.write',
  'evaluations.write',
  'evaluations.score',
  'evaluations.supervise',
  'events.write',
  'registrations.read',
  'registrations.write',
  'members.write',
  'org_units.write',
  'api_keys.read',
  'api_keys.write',
]

/** The capabilities that come with a role. */
export const capabilitiesByRole: Readonly<Record<MembershipRole, readonly Capability[]>> = {
  tenant_admin: capabilities,
  org_manager: ofManager,
  member: ofMember,
}

const ofGrant: readonly Capability[] = [
  'assets.read',
  'alerts.read',
  'tickets.read',
  'enrolment.read',
  'integrations.read',
  'deliveries.read',
  'compliance.read',
  'evidence.read',
  'exports.read',
  'notifications.read',
  'media.read',
  'evaluations.read',
  'evaluations.supervise',
  'events.read',
  'registrations.read',
  'check_ins.read',
  'members.read',
  'org_units.read',
  'api_keys.read',
  'audit.read',
  'access_grants.read',
  'isolation.read',
]
const ofWritingGrant: readonly Capability[] = [
  'assets.write',
  'alerts.write',
  'tickets.write',
  'compliance.write',
  'notifications.write',
  'evaluations.write',
  'events.write',
  'registrations.write',
  'check_ins.write',
]

/**
 * What the routes open to somebody with a grant, as capabilities that a session shows. It opens
 * nothing by itself: each route says whether it is for auditors and for platform support.
 */
export function capabilitiesOfGrant(
  mode: 'auditor' | 'platform',
  canWrite: boolean,
): readonly Capability[] {
  if (mode === 'auditor') return [...ofGrant, 'audit.export', 'explain.read']
  return canWrite ? [...ofGrant, ...ofWritingGrant] : ofGrant
}
