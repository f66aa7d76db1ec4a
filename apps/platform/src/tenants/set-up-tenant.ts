import type { Queryable } from 'watertight/sql'
import { createMissingKeys } from '../keys/change-keys.js'
import { insertInvitation } from '../members/invitation-repository.js'
import { generateInvitationToken } from '../members/invitation-secret.js'
import type { TenantDetailRow } from './tenant-repository.js'
import { hasAdministrator, holdTenant, insertRootUnit, insertTenant } from './tenant-repository.js'

/** What a new tenant is made of. */
export interface NewTenant {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly region: string | null
  readonly hasPublicPage: boolean
  /** Who is invited to administer it. */
  readonly adminEmail: string
  /** Platform staff who act. */
  readonly invitedBy: string
}

/** A tenant that is ready, and the token of its first administrator's invitation. */
export interface ReadyTenant {
  readonly tenant: TenantDetailRow
  /** Null when somebody administers the tenant already, or is invited to. */
  readonly invitationToken: string | null
}

const invitationDays = 14

/**
 * Makes a tenant with its hidden root unit, its keys and an invitation for its first administrator,
 * in one transaction of a job that is pinned to its id: Row Level Security lets that write rows of
 * this tenant alone. What is there stays as it is, so it can be run again after a failure.
 */
export async function setUpTenant(job: Queryable, wanted: NewTenant): Promise<ReadyTenant> {
  await insertTenant(job, wanted)
  const tenant = await holdTenant(job, wanted.id)
  if (tenant === undefined) throw new Error('the tenant is hidden from the job that made it')
  await insertRootUnit(job, tenant.id, tenant.name)
  await createMissingKeys(job, tenant.id)
  if (await hasAdministrator(job)) return { tenant, invitationToken: null }
  const { token, hash } = generateInvitationToken()
  await insertInvitation(job, {
    tenantId: tenant.id,
    orgUnitId: null,
    email: wanted.adminEmail,
    role: 'tenant_admin',
    tokenHash: hash,
    invitedBy: wanted.invitedBy,
    days: invitationDays,
  })
  return { tenant, invitationToken: token }
}
