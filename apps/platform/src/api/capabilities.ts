/** What members may do, beside which rows the database shows them. */
export const capabilities = [
  'assets.read',
  'assets.write',
  'alerts.read',
  'alerts.write',
  'members.read',
] as const

/** One of {@link capabilities}. */
export type Capability = (typeof capabilities)[number]

/** The role of a membership. */
export type MembershipRole = 'tenant_admin' | 'org_manager' | 'member'

const ofMember: readonly Capability[] = ['assets.read', 'alerts.read', 'members.read']
const ofManager: readonly Capability[] = [...ofMember, 'assets.write', 'alerts.write']

/** The capabilities that come with a role. */
export const capabilitiesByRole: Readonly<Record<MembershipRole, readonly Capability[]>> = {
  tenant_admin: capabilities,
  org_manager: ofManager,
  member: ofMember,
}
