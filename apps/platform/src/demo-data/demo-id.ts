/** The second group of a demo id tells the table, so that an id in a log can be read. */
const tableCodes = {
  'core.tenants': 'c001',
  'core.users': 'c002',
  'core.memberships': 'c003',
  'core.org_units': 'c004',
  'core.org_memberships': 'c005',
  'core.access_grants': 'c006',
  'core.api_keys': 'c007',
  'core.organization_requests': 'c008',
  'core.invitations': 'c009',
  'core.encryption_keys': 'c00a',
  'core.access_grant_requests': 'c00b',
  'core.legal_holds': 'c00c',
  'core.archive_requests': 'c00d',
  'core.erasures': 'c00e',
  'core.request_keys': 'c00f',
  'ops.audit_log': '0b01',
  'ops.outbox': '0b02',
  'ops.isolation_runs': '0b03',
  'ops.isolation_cells': '0b04',
  'sec.assets': '5e01',
  'sec.enrollment_tokens': '5e02',
  'sec.integration_destinations': '5e03',
  'sec.integration_credentials': '5e04',
  'sec.alerts': '5e05',
  'sec.tickets': '5e06',
  'sec.deliveries': '5e07',
  'sec.frameworks': '5e08',
  'sec.controls': '5e09',
  'sec.evidence': '5e0a',
  'sec.exports': '5e0b',
  'eval.evaluations': 'ea01',
  'eval.evaluation_versions': 'ea02',
  'eval.assignments': 'ea03',
  'eval.sessions': 'ea04',
  'eval.submissions': 'ea05',
  'eval.submission_items': 'ea06',
  'eval.submission_score_versions': 'ea07',
  'eval.result_corrections': 'ea08',
  'eval.ledger_events': 'ea09',
  'eval.correction_decisions': 'ea0a',
  'media.files': '3d01',
  'media.variants': '3d02',
  'evt.events': 'e401',
  'evt.ticket_types': 'e402',
  'evt.registrations': 'e403',
  'evt.check_ins': 'e404',
  'evt.waitlist_entries': 'e405',
  'notify.system_templates': '0701',
  'notify.templates': '0702',
  'notify.notification_logs': '0703',
} as const

/** A table whose demo rows have fixed ids. */
export type DemoTable = keyof typeof tableCodes

/**
 * The fixed id of a demo row.
 *
 * @param tenantNumber 1 to 3, or 0 for a row that belongs to no tenant
 * @param row counted from 1 within tenant and table
 * @example demoId('sec.assets', 2, 7) // 00000002-5e01-4000-8000-000000000007
 */
export function demoId(table: DemoTable, tenantNumber: number, row: number): string {
  const first = String(tenantNumber).padStart(8, '0')
  return `${first}-${tableCodes[table]}-4000-8000-${String(row).padStart(12, '0')}`
}
