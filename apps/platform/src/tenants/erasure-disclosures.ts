import type { DisclosureInput } from 'watertight/model'

/** Tables with a row of a tenant, in the order that `ops.erase_tenant` deletes them in. */
const tablesOfTenants = [
  'notify.preferences',
  'notify.notification_logs',
  'notify.templates',
  'evt.waitlist_entries',
  'evt.check_ins',
  'evt.registrations',
  'evt.ticket_types',
  'evt.events',
  'media.variants',
  'media.files',
  'eval.ledger_heads',
  'eval.ledger_events',
  'eval.correction_decisions',
  'eval.result_corrections',
  'eval.submission_score_versions',
  'eval.submission_items',
  'eval.submissions',
  'eval.sessions',
  'eval.assignments',
  'eval.evaluation_versions',
  'eval.evaluations',
  'sec.exports',
  'sec.evidence',
  'sec.tenant_control_status',
  'sec.delivery_attempts',
  'sec.deliveries',
  'sec.tickets',
  'sec.alerts',
  'sec.integration_credentials',
  'sec.integration_destinations',
  'sec.enrollment_tokens',
  'sec.assets',
  'ops.idempotency_keys',
  'ops.outbox',
  'ops.audit_heads',
  'ops.audit_log',
  'core.encryption_keys',
  'core.legal_holds',
  'core.invitations',
  'core.api_keys',
  'core.access_grant_requests',
  'core.access_grants',
  'core.archive_requests',
  'core.org_memberships',
  'core.org_units',
  'core.memberships',
  'core.tenants',
] as const

const columnsOf: Readonly<Record<string, readonly string[]>> = {
  'core.tenants': ['id'],
  'media.files': ['id', 'tenant_id'],
  'media.variants': ['file_id'],
  'sec.deliveries': ['id', 'tenant_id'],
  'sec.delivery_attempts': ['delivery_id'],
}

/** What says whose a row is, in every table that holds rows of tenants. */
const ownership: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  tablesOfTenants.map((table) => [table, columnsOf[table] ?? ['tenant_id']]),
)

const decided = ['status', 'decided_by', 'decided_at', 'decision_note'] as const
const approved = ['approved_by', 'approved_at', 'approval_note'] as const
const staff = { 'core.users': ['id', 'is_platform_staff', 'status', 'deleted_at'] } as const

/** How platform staff end tenants: who asked, who agreed, and the proof of what was erased. */
export const endingDisclosures: Readonly<Record<string, DisclosureInput>> = {
  'core.archive_requests_for_platform': {
    modes: ['platform'],
    reads: {
      'core.archive_requests': [
        'id',
        'tenant_id',
        'reason',
        'requested_by',
        ...decided,
        'created_at',
      ],
      'core.tenants': ['id', 'name'],
      'core.users': ['id', 'email', 'is_platform_staff', 'status', 'deleted_at'],
    },
    reason: 'platform staff decide on the wish of a tenant to be archived',
  },
  'core.erasures_for_platform': {
    modes: ['platform'],
    reads: {
      'core.erasures': [
        'id',
        'subject_id',
        'subject_name',
        'subject_slug',
        'reason',
        'export_taken',
        'requested_by',
        'requested_at',
        ...decided,
        'due_at',
        'attempts',
        'failure',
        'finished_at',
        'proof',
        'proof_sha256',
      ],
      ...staff,
    },
    reason: 'platform staff show what was erased after nobody else can',
  },
  'core.erasure_record': {
    modes: ['platform'],
    reads: { 'core.erasures': ['id', ...approved, 'files_removed_at'], ...staff },
    reason:
      'platform staff see who approved what somebody else has stopped, and what is left to do',
  },
  'core.request_erasure': {
    modes: ['platform'],
    reads: {
      'core.tenants': ['id', 'slug', 'name', 'status', 'deleted_at'],
      'core.legal_holds': ['tenant_id', 'released_at'],
      'core.erasures': ['id', 'subject_id', 'status'],
      ...staff,
    },
    inserts: {
      'core.erasures': [
        'subject_id',
        'subject_name',
        'subject_slug',
        'reason',
        'export_taken',
        'requested_by',
      ],
    },
    reason: 'platform staff ask for the end of a tenant, whose name they have to know',
  },
  'core.decide_erasure': {
    modes: ['platform'],
    reads: {
      'core.legal_holds': ['tenant_id', 'released_at'],
      'core.erasures': ['id', 'subject_id', 'subject_name', 'status', 'requested_by'],
      ...staff,
    },
    updates: { 'core.erasures': [...decided, ...approved, 'due_at'] },
    reason: 'a second member of platform staff agrees, or anybody of them stops it',
  },
}

/**
 * What the eraser may call, and all that it may do: its login has no right on any table, and no other
 * login may call these.
 *
 * @param eraser the role that it logs in as
 */
export function eraserDisclosures(eraser: string): Readonly<Record<string, DisclosureInput>> {
  return {
    'ops.due_erasures': {
      callers: [eraser],
      reads: { 'core.erasures': ['id', 'status', 'due_at'] },
      reason: 'the eraser is told which erasures two people have agreed on',
    },
    'ops.erased_lately': {
      callers: [eraser],
      reads: { 'core.erasures': ['subject_id', 'status', 'finished_at', 'files_removed_at'] },
      reason: 'the eraser removes the files of tenants that are gone',
    },
    'ops.note_files_removed': {
      callers: [eraser],
      reads: { 'core.erasures': ['subject_id', 'status', 'files_removed_at'] },
      updates: { 'core.erasures': ['files_removed_at'] },
      reason: 'who dies before the files of a tenant are gone leaves them to the next round',
    },
    'ops.tenant_row_counts': {
      callers: [eraser],
      reads: ownership,
      reason: 'the proof of an erasure counts what was there and what is left',
    },
    'ops.erase_tenant': {
      callers: [eraser],
      reads: {
        ...ownership,
        'core.tenants': ['id', 'status'],
        'core.legal_holds': ['tenant_id', 'released_at'],
        'ops.audit_heads': ['tenant_id', 'chain_position', 'entry_hash'],
        'eval.evaluation_versions': ['id', 'tenant_id', 'state'],
        'core.erasures': [
          'id',
          'subject_id',
          'subject_name',
          'subject_slug',
          'reason',
          'export_taken',
          'requested_by',
          'requested_at',
          'status',
          'decided_by',
          'decided_at',
          'due_at',
          'attempts',
        ],
      },
      updates: {
        'core.erasures': ['status', 'attempts', 'failure', 'finished_at', 'proof', 'proof_sha256'],
      },
      deletes: [...tablesOfTenants],
      reason: 'an archived tenant goes for good, after two people have agreed and no hold is left',
    },
    'ops.note_failed_erasure': {
      callers: [eraser],
      reads: { 'core.erasures': ['id', 'status', 'attempts'] },
      updates: { 'core.erasures': ['attempts', 'failure', 'due_at'] },
      reason: 'staff see why an erasure has not come about',
    },
  }
}
