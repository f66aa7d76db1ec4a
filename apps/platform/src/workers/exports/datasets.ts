/** Rows that can be exported. */
export interface Dataset {
  /** True when a part of the tenant has rows of its own; else only the whole tenant can be exported. */
  readonly isByOrgUnit: boolean
  /** One JSON object per row, as `line`; `$1` and `$2` bound its time, both may be null. */
  readonly query: string
  readonly columns: readonly string[]
}

// PostgreSQL writes the JSON: times to the microsecond, and columns in the order they are named in.

const audit: Dataset = {
  isByOrgUnit: false,
  columns: [
    'chain_position',
    'occurred_at',
    'actor_id',
    'actor_role',
    'action',
    'target_type',
    'target_id',
    'outcome',
    'correlation_id',
    'client_address',
    'detail',
    'previous_hash',
    'entry_hash',
  ],
  query: `
select row_to_json(r)::text as line from (
  select chain_position, occurred_at, actor_id, actor_role, action, target_type, target_id, outcome,
    correlation_id, host(client_address) as client_address, detail,
    encode(previous_hash, 'hex') as previous_hash, encode(entry_hash, 'hex') as entry_hash
  from ops.audit_log
  where ($1::timestamptz is null or occurred_at >= $1) and ($2::timestamptz is null or occurred_at < $2)
  order by chain_position) r`,
}

const assets: Dataset = {
  isByOrgUnit: true,
  columns: [
    'id',
    'org_unit_id',
    'hostname',
    'label',
    'kind',
    'status',
    'address',
    'hardware_address',
    'serial_number',
    'tags',
    'attributes',
    'approved_by',
    'approved_at',
    'last_seen_at',
    'created_at',
  ],
  query: `
select row_to_json(r)::text as line from (
  select id, org_unit_id, hostname, label, kind, status, host(address) as address, hardware_address,
    serial_number, tags, attributes, approved_by, approved_at, last_seen_at, created_at
  from sec.assets
  where ($1::timestamptz is null or created_at >= $1) and ($2::timestamptz is null or created_at < $2)
  order by assets.created_at, id) r`,
}

const alerts: Dataset = {
  isByOrgUnit: true,
  columns: [
    'id',
    'org_unit_id',
    'asset_id',
    'severity',
    'status',
    'title',
    'source',
    'fingerprint',
    'detail',
    'detected_at',
    'acknowledged_by',
    'acknowledged_at',
    'assigned_to',
    'resolved_at',
    'resolution_note',
  ],
  query: `
select row_to_json(r)::text as line from (
  select id, org_unit_id, asset_id, severity, status, title, source, fingerprint, detail, detected_at,
    acknowledged_by, acknowledged_at, assigned_to, resolved_at, resolution_note
  from sec.alerts
  where ($1::timestamptz is null or detected_at >= $1) and ($2::timestamptz is null or detected_at < $2)
  order by alerts.detected_at, id) r`,
}

const registrations: Dataset = {
  isByOrgUnit: true,
  columns: [
    'id',
    'org_unit_id',
    'event_id',
    'event_title',
    'ticket_type_id',
    'attendee_name',
    'attendee_email',
    'state',
    'answers',
    'registered_at',
    'cancelled_at',
  ],
  // Without the codes: who has one gets in.
  query: `
select row_to_json(r)::text as line from (
  select g.id, g.org_unit_id, g.event_id, e.title as event_title, g.ticket_type_id, g.attendee_name,
    g.attendee_email, g.state, g.answers, g.registered_at, g.cancelled_at
  from evt.registrations g join evt.events e on e.id = g.event_id
  where ($1::timestamptz is null or g.registered_at >= $1)
    and ($2::timestamptz is null or g.registered_at < $2)
  order by g.registered_at, g.id) r`,
}

export const evidence: Dataset = {
  isByOrgUnit: false,
  columns: [
    'id',
    'control_id',
    'asset_id',
    'title',
    'source',
    'sha256',
    'byte_count',
    'excerpt',
    'collected_by',
    'collected_at',
    'supersedes_id',
  ],
  query: `
select row_to_json(r)::text as line from (
  select id, control_id, asset_id, title, source, encode(sha256, 'hex') as sha256, byte_count, excerpt,
    collected_by, collected_at, supersedes_id
  from sec.evidence
  where ($1::timestamptz is null or collected_at >= $1)
    and ($2::timestamptz is null or collected_at < $2)
  order by evidence.collected_at, id) r`,
}

/** Where the tenant stands with each control, as it is now whatever the bounds. */
export const controls: Dataset = {
  isByOrgUnit: false,
  columns: [
    'framework',
    'edition',
    'code',
    'title',
    'state',
    'owner_id',
    'note',
    'reviewed_at',
    'updated_at',
  ],
  query: `
select row_to_json(r)::text as line from (
  select f.code as framework, f.edition, c.code, c.title, s.state, s.owner_id, s.note, s.reviewed_at, s.updated_at
  from sec.tenant_control_status s
  join sec.controls c on c.id = s.control_id join sec.frameworks f on f.id = c.framework_id
  cross join (select $1::timestamptz, $2::timestamptz) unbounded
  order by f.code, f.edition, c.code, c.id) r`,
}

const datasets: Readonly<Record<string, Dataset>> = {
  audit,
  assets,
  alerts,
  registrations,
  evidence,
}

/** How the rows of an export are written. */
export type ExportFormat = 'csv' | 'jsonl' | 'zip'

/** The rows and the format of a kind of export, `audit_csv`; null for what is not made here. */
export function datasetOf(
  kind: string,
): { readonly dataset: Dataset; readonly format: ExportFormat } | null {
  const [name = '', format = ''] = kind.split('_')
  if (kind === 'evidence_zip') return { dataset: evidence, format: 'zip' }
  const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined
  if (dataset === undefined || (format !== 'csv' && format !== 'jsonl')) return null
  return { dataset, format }
}
