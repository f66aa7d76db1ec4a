import type { Queryable } from 'watertight/sql'
import { qualifiedName, sql } from 'watertight/sql'
import { demo } from '../../src/demo-data/index.js'

/** Where the value of a path parameter comes from. */
type ValueSource =
  /** The first row of the tenant in this table. */
  | { readonly table: readonly [schema: string, name: string] }
  /** The first row of a table that all tenants share. */
  | { readonly reference: readonly [schema: string, name: string] }
  | { readonly value: string }

/**
 * Every path parameter of the API by its name: a new one without an entry fails the coverage test.
 * `<first part of the path>:<name>` goes before the name alone.
 */
export const pathValueSources: Readonly<Record<string, ValueSource>> = {
  alertId: { table: ['sec', 'alerts'] },
  apiKeyId: { table: ['core', 'api_keys'] },
  archiveRequestId: { table: ['core', 'archive_requests'] },
  assetId: { table: ['sec', 'assets'] },
  assignmentId: { table: ['eval', 'assignments'] },
  cellId: { reference: ['ops', 'isolation_cells'] },
  channel: { value: 'email' },
  checkInId: { table: ['evt', 'check_ins'] },
  controlId: { reference: ['sec', 'controls'] },
  correctionId: { table: ['eval', 'result_corrections'] },
  deliveryId: { table: ['sec', 'deliveries'] },
  destinationId: { table: ['sec', 'integration_destinations'] },
  entryId: { table: ['evt', 'waitlist_entries'] },
  'audit:entryId': { table: ['ops', 'audit_log'] },
  erasureId: { reference: ['core', 'erasures'] },
  evaluationId: { table: ['eval', 'evaluations'] },
  eventId: { table: ['evt', 'events'] },
  evidenceId: { table: ['sec', 'evidence'] },
  exportId: { table: ['sec', 'exports'] },
  fileId: { table: ['media', 'files'] },
  frameworkId: { reference: ['sec', 'frameworks'] },
  grantId: { table: ['core', 'access_grants'] },
  invitationId: { table: ['core', 'invitations'] },
  keyId: { table: ['core', 'encryption_keys'] },
  notificationId: { table: ['notify', 'notification_logs'] },
  org: { value: 'northgate-security' },
  orgUnitId: { value: demo.orgUnits.security.southSite },
  purpose: { value: 'credentials' },
  registrationId: { table: ['evt', 'registrations'] },
  requestId: { table: ['core', 'access_grant_requests'] },
  'organization-requests:requestId': { reference: ['core', 'organization_requests'] },
  'platform:requestId': { reference: ['core', 'organization_requests'] },
  runId: { reference: ['ops', 'isolation_runs'] },
  sessionId: { table: ['eval', 'sessions'] },
  slug: { value: 'open-day' },
  submissionId: { table: ['eval', 'submissions'] },
  systemTemplateId: { reference: ['notify', 'system_templates'] },
  templateId: { table: ['notify', 'templates'] },
  tenantId: { value: demo.tenants.security },
  ticketId: { table: ['sec', 'tickets'] },
  ticketTypeId: { table: ['evt', 'ticket_types'] },
  tokenId: { table: ['sec', 'enrollment_tokens'] },
  topic: { value: 'alert.opened' },
  userId: { value: demo.users.securityAnalyst },
  versionId: { table: ['eval', 'evaluation_versions'] },
}

/** Fills paths with ids of rows of one tenant. */
export interface PathValues {
  /** The path with a value for each parameter; null when the value of one is not known. */
  fill(path: string): string | null
  /** The value of a name, as a path parameter has it; undefined for others. */
  readonly byName: ReadonlyMap<string, string>
}

/** Reads a row for each parameter. */
export async function readPathValues(admin: Queryable, tenantId: string): Promise<PathValues> {
  const byName = new Map<string, string>()
  for (const [name, source] of Object.entries(pathValueSources)) {
    const value = await valueOf(admin, source, tenantId)
    if (value !== undefined) byName.set(name, value)
  }
  return {
    byName,
    fill(path) {
      const [first = ''] = path.replace('/api/v1/', '').split('/')
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      let filled = path
      for (const name of names) {
        const value = byName.get(`${first}:${name}`) ?? byName.get(name)
        if (value === undefined) return null
        filled = filled.replace(`{${name}}`, encodeURIComponent(value))
      }
      return filled
    },
  }
}

async function valueOf(
  admin: Queryable,
  source: ValueSource,
  tenantId: string,
): Promise<string | undefined> {
  if ('value' in source) return source.value
  const isShared = 'reference' in source
  const table = qualifiedName(...(isShared ? source.reference : source.table))
  const { rows } = await admin.query<{ id: string }>(
    sql`select id from ${table} t where $1::uuid is null or to_jsonb(t) ->> 'tenant_id' = $1::text
      order by to_jsonb(t) ->> 'deleted_at' nulls first, id limit 1`.text,
    [isShared ? null : tenantId],
  )
  return rows[0]?.id
}
