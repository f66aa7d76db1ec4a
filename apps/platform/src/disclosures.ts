import type { DisclosureInput } from 'watertight/model'
import { requestKeyDisclosures } from './api/request-key-disclosures.js'
import { nameDisclosures } from './members/name-disclosures.js'

const staff = { 'core.users': ['id', 'is_platform_staff', 'status', 'deleted_at'] } as const

/** What says that work is due, by queue. */
const dueWork = {
  'core.tenants': ['id', 'status', 'deleted_at'],
  'ops.outbox': ['tenant_id', 'available_at', 'published_at'],
  'sec.deliveries': ['tenant_id', 'state', 'next_attempt_at', 'created_at'],
  'sec.exports': ['tenant_id', 'state', 'created_at', 'expires_at'],
  'evt.registrations': ['tenant_id', 'state', 'reserved_until'],
  'evt.waitlist_entries': ['tenant_id', 'event_id', 'ticket_type_id', 'state', 'joined_at'],
  'evt.events': ['id', 'tenant_id', 'status', 'ends_at', 'capacity', 'places_taken', 'deleted_at'],
  'evt.ticket_types': ['id', 'tenant_id', 'event_id', 'sold', 'quantity', 'archived_at'],
  'notify.notification_logs': ['tenant_id', 'status', 'due_at'],
} as const

/**
 * What the platform answers across tenants, and to which role: look-ups before a tenant is known,
 * and what staff and workers need to see of all tenants. Migrations 0008 and 0010 have the functions.
 */
export const platformDisclosures: Readonly<Record<string, DisclosureInput>> = {
  'core.user_of_identity': {
    modes: ['public'],
    reads: { 'core.users': ['id', 'issuer', 'subject', 'status', 'deleted_at'] },
    reason: 'a verified token names a person, whose id is found by exactly that name',
  },
  'core.own_tenants': {
    modes: ['app'],
    reads: {
      'core.memberships': ['user_id', 'tenant_id', 'role', 'status'],
      'core.tenants': ['id', 'slug', 'name', 'status', 'deleted_at'],
      'core.users': ['id', 'status', 'deleted_at'],
    },
    reason: 'a user chooses among the tenants that they are a member of',
  },
  'core.own_access_grants': {
    modes: ['app', 'platform'],
    reads: {
      'core.access_grants': [
        'id',
        'tenant_id',
        'grantee_id',
        'mode',
        'reason',
        'can_write',
        'starts_at',
        'expires_at',
        'revoked_at',
      ],
      'core.tenants': ['id', 'slug', 'name', 'status', 'deleted_at'],
      'core.users': ['id', 'status', 'deleted_at'],
    },
    reason: 'an auditor or a member of staff chooses among the tenants that let them in',
  },
  'core.api_key_of': {
    modes: ['public'],
    reads: {
      'core.api_keys': [
        'id',
        'tenant_id',
        'prefix',
        'key_hash',
        'scopes',
        'created_by',
        'expires_at',
        'revoked_at',
      ],
      'core.tenants': ['id', 'status', 'deleted_at'],
    },
    reason: 'a presented key names its tenant; the hash is of a secret that cannot be guessed',
  },
  'core.invitation_of': {
    modes: ['app', 'public'],
    reads: {
      'core.invitations': [
        'id',
        'tenant_id',
        'token_hash',
        'email',
        'role',
        'org_unit_id',
        'expires_at',
        'accepted_at',
        'revoked_at',
      ],
      'core.tenants': ['id', 'name', 'status', 'deleted_at'],
    },
    reason: 'who holds the token of an open invitation may see what it invites to',
  },
  'core.user_for_invitation': {
    modes: ['worker'],
    reads: {
      'core.invitations': ['id', 'tenant_id', 'email', 'expires_at', 'accepted_at', 'revoked_at'],
      'core.users': ['id', 'issuer', 'subject', 'status'],
    },
    inserts: { 'core.users': ['issuer', 'subject', 'email', 'display_name'] },
    reason:
      'a verified address that a tenant has invited becomes a user, who belongs to no tenant yet',
  },
  'core.change_own_profile': {
    modes: ['app'],
    reads: { 'core.users': ['id', 'display_name', 'locale', 'status', 'deleted_at'] },
    updates: { 'core.users': ['display_name', 'locale'] },
    reason: 'users say how they are called, and nothing else of themselves',
  },
  'core.tenant_directory': {
    modes: ['platform'],
    reads: {
      'core.tenants': ['id', 'slug', 'name', 'status', 'created_at', 'deleted_at'],
      ...staff,
    },
    reason: 'platform staff administer tenants without seeing what is theirs',
  },
  'core.organization_requests_for_platform': {
    modes: ['platform'],
    reads: {
      'core.organization_requests': [
        'id',
        'requested_by',
        'organization_name',
        'slug',
        'message',
        'status',
        'decided_by',
        'decided_at',
        'decision_note',
        'created_at',
      ],
      'core.users': ['id', 'email', 'is_platform_staff', 'status', 'deleted_at'],
    },
    reason: 'platform staff decide who gets a tenant',
  },
  'core.organization_request_for_platform': {
    modes: ['platform'],
    reads: {
      'core.organization_requests': [
        'id',
        'requested_by',
        'organization_name',
        'slug',
        'message',
        'status',
        'decided_by',
        'decided_at',
        'decision_note',
        'created_at',
      ],
      'core.users': ['id', 'email', 'is_platform_staff', 'status', 'deleted_at'],
    },
    reason: 'platform staff decide who gets a tenant, and provision it again where that failed',
  },
  'core.decide_organization_request': {
    modes: ['platform'],
    reads: {
      'core.organization_requests': ['id', 'requested_by', 'organization_name', 'slug', 'status'],
      ...staff,
    },
    updates: {
      'core.organization_requests': ['status', 'decided_by', 'decided_at', 'decision_note'],
    },
    reason: 'platform staff decide who gets a tenant, never on a request of their own',
  },
  'ops.tenants_with_work': {
    modes: ['worker'],
    reads: dueWork,
    reason: 'workers look where work is due, and then work as the tenant',
  },
  'ops.queue_depths': {
    modes: ['worker'],
    reads: dueWork,
    reason:
      'whoever runs the workers sees how far they are behind, without any tenant among the figures',
  },
  ...requestKeyDisclosures,
  ...nameDisclosures,
}
