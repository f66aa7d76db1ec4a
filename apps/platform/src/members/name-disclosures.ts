import type { DisclosureInput } from 'watertight/model'

/** Names of people outside of every list that the asker sees. Migrations 0028 and 0031 have the functions. */
export const nameDisclosures: Readonly<Record<string, DisclosureInput>> = {
  'core.names_of_outsiders': {
    modes: ['app'],
    reads: {
      'core.users': ['id', 'display_name', 'is_platform_staff'],
      'core.memberships': ['tenant_id', 'user_id'],
      'core.access_grants': [
        'tenant_id',
        'grantee_id',
        'mode',
        'requested_by',
        'approved_by',
        'revoked_by',
      ],
      'core.access_grant_requests': ['tenant_id', 'requested_by', 'decided_by'],
      'core.archive_requests': ['tenant_id', 'requested_by', 'decided_by'],
      'ops.audit_log': ['tenant_id', 'actor_id'],
    },
    reason:
      'a tenant sees who was let in, or acted on it, by name and not by an id, and of staff who decided that they are staff',
  },
  'core.names_of_staff': {
    modes: ['platform'],
    reads: {
      'core.users': ['id', 'display_name', 'is_platform_staff', 'status', 'deleted_at'],
      'core.erasures': ['requested_by', 'approved_by', 'decided_by'],
      'core.archive_requests': ['requested_by', 'decided_by'],
    },
    reason: 'platform staff see by name who asked for the end of a tenant and who agreed',
  },
}
