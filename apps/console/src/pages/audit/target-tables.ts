/** Tables of what audit entries name, where a row of it can be asked about. */
const tables: Readonly<Record<string, string>> = {
  access_grant: 'core.access_grants',
  access_grant_request: 'core.access_grant_requests',
  alert: 'sec.alerts',
  api_key: 'core.api_keys',
  asset: 'sec.assets',
  assignment: 'eval.assignments',
  check_in: 'evt.check_ins',
  correction: 'eval.result_corrections',
  delivery: 'sec.deliveries',
  destination: 'sec.integration_destinations',
  enrolment_token: 'sec.enrollment_tokens',
  evaluation: 'eval.evaluations',
  evaluation_session: 'eval.sessions',
  evaluation_version: 'eval.evaluation_versions',
  event: 'evt.events',
  evidence: 'sec.evidence',
  export: 'sec.exports',
  file: 'media.files',
  invitation: 'core.invitations',
  org_unit: 'core.org_units',
  registration: 'evt.registrations',
  submission: 'eval.submissions',
  template: 'notify.templates',
  tenant: 'core.tenants',
  ticket: 'sec.tickets',
  ticket_type: 'evt.ticket_types',
  user: 'core.users',
  waitlist_entry: 'evt.waitlist_entries',
}

/** The table that a target is a row of, by its name or by its type; null where it is none. */
export function tableOfTarget(targetType: string): string | null {
  return /^[a-z]+\.[a-z_]+$/.test(targetType) ? targetType : (tables[targetType] ?? null)
}

/** Types of targets, for choices. */
export const targetTypes: readonly string[] = Object.keys(tables)
