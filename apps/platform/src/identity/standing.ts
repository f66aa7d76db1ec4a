import type { OrgScope } from 'watertight/runtime'
import type { Capability, MembershipRole } from '../api/capabilities.js'

/** What a token asks to act as; the database decides. */
export interface WantedStanding {
  readonly userId: string
  readonly tenantId: string
  readonly mode: 'member' | 'auditor' | 'platform'
  /** One of several places of a member, or a unit below one; null for the first place. */
  readonly orgUnitId: string | null
  /** The grant of an auditor or of platform staff. */
  readonly grantId: string | null
  /** What a service or an API key may do at most; null for people. */
  readonly limitedTo: readonly string[] | null
}

/** What a member is in a tenant at this moment. */
export interface MemberStanding {
  readonly mode: 'member'
  readonly tenantId: string
  readonly role: MembershipRole
  readonly capabilities: readonly Capability[]
  readonly orgScope: OrgScope
  readonly orgUnitId: string | null
}

/** An open window of an auditor or of platform staff. */
export interface GrantedStanding {
  readonly mode: 'auditor' | 'platform'
  readonly tenantId: string
  readonly grantId: string
  /** Why the grant was given. */
  readonly reason: string
  readonly canWrite: boolean
  readonly endsAt: Date
}

/** What somebody is in a tenant at this moment. */
export type Standing = MemberStanding | GrantedStanding
