import { demoId } from './demo-id.js'
import { forEachPlace } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertAssets = `
insert into sec.assets (id, tenant_id, org_unit_id, hostname, label, kind, status, address,
  hardware_address, serial_number, tags, attributes, approved_by, approved_at, last_seen_at)
select id, tenant_id, org_unit_id, hostname, label, kind, status, address,
  hardware_address, serial_number, tags, attributes, approved_by, approved_at, last_seen_at
from jsonb_populate_recordset(null::sec.assets, $1::jsonb)`

const insertEnrollmentTokens = `
insert into sec.enrollment_tokens (id, tenant_id, org_unit_id, label, token_hash, max_uses, uses,
  created_by, created_at, expires_at)
select id, tenant_id, org_unit_id, label, token_hash, max_uses, uses,
  created_by, created_at, expires_at
from jsonb_populate_recordset(null::sec.enrollment_tokens, $1::jsonb)`

const insertAlerts = `
insert into sec.alerts (id, tenant_id, org_unit_id, asset_id, severity, status, title, source,
  fingerprint, detail, detected_at, acknowledged_by, acknowledged_at, assigned_to, resolved_at,
  resolution_note)
select id, tenant_id, org_unit_id, asset_id, severity, status, title, source,
  fingerprint, detail, detected_at, acknowledged_by, acknowledged_at, assigned_to, resolved_at,
  resolution_note
from jsonb_populate_recordset(null::sec.alerts, $1::jsonb)`

const insertTickets = `
insert into sec.tickets (id, tenant_id, org_unit_id, alert_id, title, state, external_reference,
  opened_by, opened_at, closed_at)
select id, tenant_id, org_unit_id, alert_id, title, state, external_reference,
  opened_by, opened_at, closed_at
from jsonb_populate_recordset(null::sec.tickets, $1::jsonb)`

const alertTitles = [
  'Repeated failed logins from one address',
  'Firmware is out of support',
  'Camera stopped sending',
  'Certificate expires within a week',
] as const

/** Assets with their enrolment tokens, alerts and tickets, one of each in every place. */
export async function seedAssetsAndAlerts(seed: SeedContext): Promise<void> {
  const assets = forEachPlace((tenant, place, row) => ({
    id: demoId('sec.assets', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    // The same host names in every tenant: names are unique within one only.
    hostname: inTurn(['gate-1', 'files-1', 'camera-7', 'switch-2'], row),
    label: row === 1 ? 'Main gate' : null,
    kind: inTurn(['workstation', 'server', 'camera', 'network'], row),
    status: row === 4 ? 'pending' : 'approved',
    address: `10.${String(tenant.number)}.0.${String(row)}`,
    hardware_address: `02:00:00:00:0${String(tenant.number)}:0${String(row)}`,
    serial_number: `SN-${String(tenant.number)}-${String(row)}`,
    tags: inTurn([['entrance'], ['storage', 'backup'], ['video'], []], row),
    attributes: { rack: row },
    approved_by: row === 4 ? null : tenant.manager,
    approved_at: row === 4 ? null : seed.at({ days: -100 }),
    last_seen_at: seed.at({ minutes: -row }),
  }))
  await insertRows(seed, insertAssets, assets)
  const tokens = forEachPlace((tenant, place, row) => ({
    id: demoId('sec.enrollment_tokens', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    label: `Batch ${String(row)}`,
    token_hash: demoDigest(`enrolment ${tenant.key} ${String(row)}`),
    max_uses: 10,
    uses: row,
    created_by: tenant.manager,
    created_at: seed.at({ days: -10 }),
    expires_at: seed.at({ days: row === 2 ? -1 : 20 }),
  }))
  await insertRows(seed, insertEnrollmentTokens, tokens)
  await seedAlerts(seed)
}

async function seedAlerts(seed: SeedContext): Promise<void> {
  const alerts = forEachPlace((tenant, place, row) => ({
    id: demoId('sec.alerts', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    asset_id: demoId('sec.assets', tenant.number, row),
    severity: inTurn(['critical', 'high', 'medium', 'low'], row),
    status: inTurn(['open', 'acknowledged', 'resolved', 'open'], row),
    title: inTurn(alertTitles, row),
    source: inTurn(['edr', 'inventory'], row),
    fingerprint: `rule-${String(row)}`,
    detail: { count: row * 3 },
    detected_at: seed.at({ hours: -row }),
    acknowledged_by: row === 2 ? tenant.member : null,
    acknowledged_at: row === 2 ? seed.at({ hours: -1 }) : null,
    assigned_to: row === 2 ? tenant.member : null,
    resolved_at: row === 3 ? seed.at({ minutes: -30 }) : null,
    resolution_note: row === 3 ? 'Cable replaced.' : null,
  }))
  await insertRows(seed, insertAlerts, alerts)
  const tickets = forEachPlace((tenant, place, row) => ({
    id: demoId('sec.tickets', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    alert_id: demoId('sec.alerts', tenant.number, row),
    title: inTurn(alertTitles, row),
    state: row === 3 ? 'closed' : 'open',
    external_reference: `OPS-${String(tenant.number)}${String(row)}`,
    opened_by: tenant.member,
    opened_at: seed.at({ hours: -row }),
    closed_at: row === 3 ? seed.at({ minutes: -20 }) : null,
  }))
  await insertRows(seed, insertTickets, tickets)
}
