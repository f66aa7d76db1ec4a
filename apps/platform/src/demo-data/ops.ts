import { demo } from './demo.js'
import { appendAuditEntry } from '../audit/append-audit-entry.js'
import type { AuditEntry } from '../audit/audit-entry.js'
import { demoId } from './demo-id.js'
import type { DemoTenant } from './demo-tenants.js'
import { demoTenants, forEachTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertOutbox = `
insert into ops.outbox (id, tenant_id, topic, payload, attempts, created_at, available_at, published_at)
select id, tenant_id, topic, payload, attempts, created_at, available_at, published_at
from jsonb_populate_recordset(null::ops.outbox, $1::jsonb)`

const insertIdempotencyKeys = `
insert into ops.idempotency_keys (tenant_id, user_id, key, method, path, request_hash,
  response_status, response_body, expires_at)
select tenant_id, user_id, key, method, path, request_hash,
  response_status, response_body, expires_at
from jsonb_populate_recordset(null::ops.idempotency_keys, $1::jsonb)`

const insertRequestKeys = `
insert into core.request_keys (id, user_id, key, method, path, request_hash, response_status,
  response_body, taken_in, created_at, expires_at)
select id, user_id, key, method, path, request_hash, response_status,
  response_body, pg_current_xact_id(), created_at, expires_at
from jsonb_populate_recordset(null::core.request_keys, $1::jsonb)`

const insertIsolationRuns = `
insert into ops.isolation_runs (id, requested_at, started_at, finished_at, tool_version,
  server_version, result, proven, unknown, downloads)
select id, started_at, started_at, finished_at, tool_version,
  server_version, result, proven, unknown, downloads
from jsonb_populate_recordset(null::ops.isolation_runs, $1::jsonb)`

const insertIsolationCells = `
insert into ops.isolation_cells (id, run_id, position, object, kind, role, mode, command, verdict,
  method, reason)
select id, run_id, position, object, kind, role, mode, command, verdict, method, reason
from jsonb_populate_recordset(null::ops.isolation_cells, $1::jsonb)`

/** Marks runs that nothing has checked; they go when the first one is recorded. */
const demoToolVersion = 'demo'

/** What happened, oldest first: an entry in each partition, then some of the last hours. */
function auditEntries({ at }: SeedContext, tenant: DemoTenant): readonly AuditEntry[] {
  const happened: readonly (readonly [string, string, string])[] = [
    ['2026-08-20T08:00:00.000Z', 'tenant.created', 'core.tenants'],
    ['2026-09-14T09:30:00.000Z', 'member.invited', 'core.invitations'],
    ['2026-10-05T12:15:00.000Z', 'org_unit.created', 'core.org_units'],
    ['2026-11-02T07:45:00.000Z', 'access_grant.approved', 'core.access_grants'],
    [at({ hours: -3 }), 'api_key.used', 'core.api_keys'],
    [at({ minutes: -12 }), 'export.requested', 'sec.exports'],
  ]
  return happened.map(([occurredAt, action, targetType], index) => ({
    id: demoId('ops.audit_log', tenant.number, index + 1),
    tenantId: tenant.id,
    occurredAt,
    actorId: tenant.admin,
    actorRole: 'tenant_admin',
    action,
    targetType,
    targetId: tenant.id,
    outcome: index === 4 ? 'denied' : 'allowed',
    correlationId: demoId('ops.audit_log', tenant.number, 1000 + index),
    clientAddress: `203.0.113.${String(tenant.number * 10)}`,
    detail: {},
  }))
}

/** The audit chain of each tenant, waiting messages, remembered answers, isolation runs. */
export async function seedOps(seed: SeedContext): Promise<void> {
  const entries = demoTenants.flatMap((tenant) => auditEntries(seed, tenant))
  for (const entry of entries) await appendAuditEntry(seed.db, entry)
  const outbox = forEachTenant(2, (tenant, row) => ({
    id: demoId('ops.outbox', tenant.number, row),
    tenant_id: tenant.id,
    topic: inTurn(['alert.raised', 'registration.confirmed'], row),
    payload: { tenant: tenant.key, row },
    attempts: row - 1,
    created_at: seed.at({ minutes: -row }),
    available_at: seed.at({ minutes: -row }),
    published_at: row === 2 ? seed.at({ minutes: -1 }) : null,
  }))
  await insertRows(seed, insertOutbox, outbox)
  const answers = forEachTenant(2, (tenant, row) => ({
    tenant_id: tenant.id,
    user_id: inTurn([tenant.admin, tenant.member], row),
    // The same key in every tenant: it is unique for its user only.
    key: 'create-0001',
    method: 'POST',
    path: inTurn(['/api/v1/events', '/api/v1/registrations'], row),
    request_hash: demoDigest(`request ${tenant.key} ${String(row)}`),
    response_status: 201,
    response_body: { tenant: tenant.key },
    expires_at: seed.at({ days: 1 }),
  }))
  await insertRows(seed, insertIdempotencyKeys, answers)
  await insertRows(seed, insertRequestKeys, [
    {
      id: demoId('core.request_keys', 0, 1),
      user_id: demo.users.visitor,
      key: 'create-0001',
      method: 'POST',
      path: '/api/v1/organization-requests',
      request_hash: demoDigest('request of a visitor'),
      response_status: 201,
      response_body: { status: 'pending' },
      created_at: seed.at({ hours: -1 }),
      expires_at: seed.at({ hours: 23 }),
    },
  ])
  const runs = [1, 2].map((row) => ({
    id: demoId('ops.isolation_runs', 0, row),
    started_at: seed.at({ days: -row }),
    finished_at: seed.at({ days: -row, minutes: 1 }),
    tool_version: demoToolVersion,
    server_version: 180004,
    result: inTurn(['incomplete', 'findings'], row),
    proven: row - 1,
    unknown: 1,
    downloads: { json: '{}' },
  }))
  await insertRows(seed, insertIsolationRuns, runs)
  const cells = [1, 2].map((row) => ({
    id: demoId('ops.isolation_cells', 0, row),
    run_id: demoId('ops.isolation_runs', 0, row),
    position: 1,
    object: 'sec.assets',
    kind: 'table',
    role: 'platform_app',
    mode: 'member',
    command: 'SELECT',
    verdict: 'unknown',
    method: 'none',
    reason: 'made up for the demo: no check has run yet',
  }))
  await insertRows(seed, insertIsolationCells, cells)
}
