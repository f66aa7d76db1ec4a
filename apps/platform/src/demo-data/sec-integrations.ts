import { sealSecretOf } from '../keys/seal-secret.js'
import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { DemoRow, SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertDestinations = `
insert into sec.integration_destinations (id, tenant_id, name, kind, url, event_types, is_enabled,
  created_by)
select id, tenant_id, name, kind, url, event_types, is_enabled, created_by
from jsonb_populate_recordset(null::sec.integration_destinations, $1::jsonb)`

const insertCredentials = `
insert into sec.integration_credentials (id, tenant_id, destination_id, encryption_key_id, kind,
  secret_ciphertext, secret_hint, version)
select id, tenant_id, destination_id, encryption_key_id, kind,
  secret_ciphertext, secret_hint, version
from jsonb_populate_recordset(null::sec.integration_credentials, $1::jsonb)`

const insertDeliveries = `
insert into sec.deliveries (id, tenant_id, destination_id, alert_id, event_type, payload, signature,
  state, attempts, next_attempt_at, created_at, finished_at)
select id, tenant_id, destination_id, alert_id, event_type, payload, signature,
  state, attempts, next_attempt_at, created_at, finished_at
from jsonb_populate_recordset(null::sec.deliveries, $1::jsonb)`

const insertDeliveryAttempts = `
insert into sec.delivery_attempts (delivery_id, attempt, started_at, duration_ms, response_status,
  response_excerpt, error)
select delivery_id, attempt, started_at, duration_ms, response_status, response_excerpt, error
from jsonb_populate_recordset(null::sec.delivery_attempts, $1::jsonb)`

/** Destinations with sealed secrets, and deliveries that went well, badly and not yet. */
export async function seedIntegrations(seed: SeedContext): Promise<void> {
  const destinations = forEachTenant(2, (tenant, row) => ({
    id: demoId('sec.integration_destinations', tenant.number, row),
    tenant_id: tenant.id,
    name: inTurn(['Incident webhook', 'Log archive'], row),
    kind: inTurn(['webhook', 'siem'], row),
    url: `https://${inTurn(['hooks', 'logs'], row)}.${tenant.key}.example/in`,
    event_types: inTurn([['alert.raised', 'alert.resolved'], ['evidence.added']], row),
    is_enabled: row === 1,
    created_by: tenant.admin,
  }))
  await insertRows(seed, insertDestinations, destinations)
  const credentials: DemoRow[] = []
  for (const { tenant, row } of forEachTenant(2, (tenant, row) => ({ tenant, row }))) {
    const id = demoId('sec.integration_credentials', tenant.number, row)
    const secret = `demo-${tenant.key}-${String(row)}f${String(tenant.number)}a`
    const sealed = await sealSecretOf(seed.db, tenant.id, id, secret)
    credentials.push({
      id,
      tenant_id: tenant.id,
      destination_id: demoId('sec.integration_destinations', tenant.number, row),
      encryption_key_id: sealed.encryptionKeyId,
      kind: inTurn(['hmac', 'bearer'], row),
      secret_ciphertext: `\\x${sealed.ciphertext.toString('hex')}`,
      secret_hint: secret.slice(-4),
      version: row,
    })
  }
  await insertRows(seed, insertCredentials, credentials)
  const deliveries = forEachTenant(3, (tenant, row) => ({
    id: demoId('sec.deliveries', tenant.number, row),
    tenant_id: tenant.id,
    destination_id: demoId('sec.integration_destinations', tenant.number, 1),
    alert_id: demoId('sec.alerts', tenant.number, row),
    event_type: 'alert.raised',
    payload: { alert: demoId('sec.alerts', tenant.number, row) },
    signature: `v1=${demoDigest(`delivery ${tenant.key} ${String(row)}`).slice(2)}`,
    state: inTurn(['delivered', 'dead_letter', 'retrying'], row),
    attempts: 1,
    next_attempt_at: row === 3 ? seed.at({ minutes: 4 }) : null,
    created_at: seed.at({ minutes: -52 }),
    finished_at: row === 3 ? null : seed.at({ minutes: -50 }),
  }))
  await insertRows(seed, insertDeliveries, deliveries)
  const attempts = forEachTenant(3, (tenant, row) => ({
    delivery_id: demoId('sec.deliveries', tenant.number, row),
    attempt: 1,
    started_at: seed.at({ minutes: -51 }),
    duration_ms: 40 * row,
    response_status: inTurn([204, 410, null], row),
    response_excerpt: inTurn([null, 'Gone', null], row),
    error: inTurn([null, null, 'connection timed out'], row),
  }))
  await insertRows(seed, insertDeliveryAttempts, attempts)
}
