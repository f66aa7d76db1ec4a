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
  'keys.read',
  'keys.write',
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
]

/** The capabilities that come with a role. */
export const capabilitiesByRole: Readonly<Record<MembershipRole, readonly Capability[]>> = {
  tenant_admin: capabilities,
  org_manager: ofManager,
  member: ofMember,
}
