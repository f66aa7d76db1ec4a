import { demo } from './demo.js'
import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { DemoRow, SeedContext } from './seed-context.js'
import { newKeyProvider } from '../keys/key-setup.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

// A second run renews the windows, so that "live" stays true in a database that lives for weeks.
const insertAccessGrants = `
insert into core.access_grants (id, tenant_id, grantee_id, mode, reason, requested_by, approved_by,
  can_write, created_at, starts_at, expires_at, revoked_at, revoked_by)
select id, tenant_id, grantee_id, mode, reason, requested_by, approved_by,
  can_write, created_at, starts_at, expires_at, revoked_at, revoked_by
from jsonb_populate_recordset(null::core.access_grants, $1::jsonb)
on conflict (id) do update set starts_at = excluded.starts_at, expires_at = excluded.expires_at,
  revoked_at = excluded.revoked_at`

const insertAccessGrantRequests = `
insert into core.access_grant_requests (id, tenant_id, grantee_id, mode, reason, can_write, starts_at,
  expires_at, requested_by, status, decided_by, decided_at, decision_note, access_grant_id,
  created_at)
select id, tenant_id, grantee_id, mode, reason, can_write, starts_at,
  expires_at, requested_by, status, decided_by, decided_at, decision_note, access_grant_id,
  created_at
from jsonb_populate_recordset(null::core.access_grant_requests, $1::jsonb)`

const insertApiKeys = `
insert into core.api_keys (id, tenant_id, name, prefix, key_hash, scopes, created_by, created_at,
  expires_at, revoked_at)
select id, tenant_id, name, prefix, key_hash, scopes, created_by, created_at,
  expires_at, revoked_at
from jsonb_populate_recordset(null::core.api_keys, $1::jsonb)`

const insertInvitations = `
insert into core.invitations (id, tenant_id, org_unit_id, email, role, token_hash, invited_by,
  created_at, expires_at, accepted_at)
select id, tenant_id, org_unit_id, email, role, token_hash, invited_by,
  created_at, expires_at, accepted_at
from jsonb_populate_recordset(null::core.invitations, $1::jsonb)`

const insertEncryptionKeys = `
insert into core.encryption_keys (id, tenant_id, purpose, version, state, provider, key_reference)
select id, tenant_id, purpose, version, state, provider, key_reference
from jsonb_populate_recordset(null::core.encryption_keys, $1::jsonb)`

const insertLegalHolds = `
insert into core.legal_holds (id, tenant_id, reason, placed_by, placed_at, released_by, released_at)
select id, tenant_id, reason, placed_by, placed_at, released_by, released_at
from jsonb_populate_recordset(null::core.legal_holds, $1::jsonb)`

const insertOrganizationRequests = `
insert into core.organization_requests (id, requested_by, organization_name, slug, message, status,
  decided_by, decided_at, decision_note, created_at)
select id, requested_by, organization_name, slug, message, status,
  decided_by, decided_at, decision_note, created_at
from jsonb_populate_recordset(null::core.organization_requests, $1::jsonb)`

/** One grant of each kind that the access matrix tells apart; safe to run again. */
export async function seedAccessGrants(seed: SeedContext): Promise<void> {
  const { accessGrants, tenants, users } = demo
  const audit = { grantee_id: users.auditor, mode: 'auditor', can_write: false }
  const support = { grantee_id: users.platformSupport, mode: 'platform', can_write: false }
  const rows: readonly DemoRow[] = [
    {
      ...audit,
      id: accessGrants.auditorLive,
      tenant_id: tenants.security,
      reason: 'ISO 27001 surveillance audit',
      approved_by: users.securityAdmin,
      starts_at: seed.at({ days: -1 }),
      expires_at: seed.at({ days: 14 }),
    },
    {
      ...support,
      id: accessGrants.platformReadOnly,
      tenant_id: tenants.security,
      reason: 'Webhook deliveries end in the dead letter queue',
      approved_by: users.platformLead,
      starts_at: seed.at({ hours: -2 }),
      expires_at: seed.at({ days: 7 }),
    },
    {
      ...audit,
      id: accessGrants.auditorExpired,
      tenant_id: tenants.school,
      reason: 'Inspection of the summer examinations',
      approved_by: users.schoolAdmin,
      starts_at: seed.at({ days: -30 }),
      expires_at: seed.at({ days: -1 }),
    },
    {
      ...support,
      id: accessGrants.platformWritable,
      tenant_id: tenants.school,
      reason: 'Repair of assignments after a failed import',
      approved_by: users.platformLead,
      can_write: true,
      starts_at: seed.at({ hours: -1 }),
      expires_at: seed.at({ days: 7 }),
    },
    {
      ...audit,
      id: accessGrants.auditorRevoked,
      tenant_id: tenants.events,
      reason: 'Review of ticket revenue',
      approved_by: users.eventsAdmin,
      starts_at: seed.at({ days: -5 }),
      expires_at: seed.at({ days: 5 }),
      revoked_at: seed.at({ days: -3 }),
      revoked_by: users.eventsAdmin,
    },
    {
      ...support,
      id: accessGrants.platformUpcoming,
      tenant_id: tenants.events,
      reason: 'Planned migration of the ticket shop',
      approved_by: users.platformLead,
      starts_at: seed.at({ days: 1 }),
      expires_at: seed.at({ days: 2 }),
    },
  ]
  await insertRows(
    seed,
    insertAccessGrants,
    rows.map((row) => ({
      ...row,
      requested_by: row['grantee_id'],
      created_at: seed.at({ days: -31 }),
    })),
  )
}

/** Machine credentials, invitations, key references and requests for new organisations. */
export async function seedCredentials(seed: SeedContext): Promise<void> {
  const apiKeys = forEachTenant(2, (tenant, row) => ({
    id: demoId('core.api_keys', tenant.number, row),
    tenant_id: tenant.id,
    name: inTurn(['Inventory import', 'Reporting'], row),
    prefix: `wt_${tenant.key.padEnd(7, 'x').slice(0, 7)}${String(row)}`,
    key_hash: demoDigest(`api key ${tenant.key} ${String(row)}`),
    scopes: inTurn([['assets:write'], ['reports:read', 'events:read']], row),
    created_by: tenant.admin,
    created_at: seed.at({ days: -30 }),
    expires_at: seed.at({ days: 90 }),
    revoked_at: row === 2 ? seed.at({ days: -4 }) : null,
  }))
  await insertRows(seed, insertApiKeys, apiKeys)
  const invitations = forEachTenant(2, (tenant, row) => ({
    id: demoId('core.invitations', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: row === 1 ? tenant.places[0] : null,
    email: `newcomer-${String(row)}@${tenant.key}.example`,
    role: inTurn(['member', 'org_manager'], row),
    token_hash: demoDigest(`invitation ${tenant.key} ${String(row)}`),
    invited_by: tenant.admin,
    created_at: seed.at({ days: -2 }),
    expires_at: seed.at({ days: 5 }),
    accepted_at: row === 2 ? seed.at({ days: -1 }) : null,
  }))
  await insertRows(seed, insertInvitations, invitations)
  await seedEncryptionKeys(seed)
  await seedLegalHolds(seed)
  await seedOrganizationRequests(seed)
  await seedAccessGrantRequests(seed)
}

/** For each tenant one that waits for a decision and one that was decided. */
async function seedAccessGrantRequests(seed: SeedContext): Promise<void> {
  const { accessGrants, users } = demo
  const grants = [
    accessGrants.auditorLive,
    accessGrants.auditorExpired,
    accessGrants.auditorRevoked,
  ]
  const rows = forEachTenant(2, (tenant, row) => ({
    id: demoId('core.access_grant_requests', tenant.number, row),
    tenant_id: tenant.id,
    ...inTurn(
      [
        {
          grantee_id: users.platformSupport,
          mode: 'platform',
          reason: 'Alerts arrive twice',
          requested_by: users.platformSupport,
          starts_at: seed.at({ hours: 1 }),
          expires_at: seed.at({ hours: 7 }),
          status: 'pending',
        },
        {
          grantee_id: users.auditor,
          mode: 'auditor',
          reason: 'Yearly audit',
          requested_by: users.platformLead,
          starts_at: seed.at({ days: -10 }),
          expires_at: seed.at({ days: 14 }),
          status: 'approved',
          decided_by: tenant.admin,
          decided_at: seed.at({ days: -11 }),
          access_grant_id: grants[tenant.number - 1],
        },
      ],
      row,
    ),
    can_write: false,
    created_at: seed.at({ days: -12 }),
  }))
  await insertRows(seed, insertAccessGrantRequests, rows)
}

async function seedEncryptionKeys(seed: SeedContext): Promise<void> {
  const provider = newKeyProvider()
  const keys = forEachTenant(4, async (tenant, row) => {
    const purpose = inTurn(['credentials', 'evidence', 'credentials', 'exports'], row)
    const version = row === 3 ? 2 : 1
    return {
      id: demoId('core.encryption_keys', tenant.number, row),
      tenant_id: tenant.id,
      purpose,
      version,
      state: row === 1 ? 'rotating' : 'active',
      provider: provider.name,
      key_reference: await provider.create({ tenantId: tenant.id, purpose, version }),
    }
  })
  await insertRows(seed, insertEncryptionKeys, await Promise.all(keys))
}

async function seedLegalHolds(seed: SeedContext): Promise<void> {
  const holds = forEachTenant(2, (tenant, row) => ({
    id: demoId('core.legal_holds', tenant.number, row),
    tenant_id: tenant.id,
    reason: `Case ${String(tenant.number)}${String(row)}-2025, closed`,
    placed_by: demo.users.platformLead,
    placed_at: seed.at({ days: -300 }),
    released_by: demo.users.platformLead,
    released_at: seed.at({ days: -200 }),
  }))
  await insertRows(seed, insertLegalHolds, holds)
}

async function seedOrganizationRequests(seed: SeedContext): Promise<void> {
  const { users } = demo
  await insertRows(seed, insertOrganizationRequests, [
    {
      id: demoId('core.organization_requests', 0, 1),
      requested_by: users.visitor,
      organization_name: 'Tanaka Concerts',
      slug: 'tanaka-concerts',
      message: 'Chamber music, about ten evenings a year.',
      status: 'pending',
      created_at: seed.at({ days: -1 }),
    },
    {
      id: demoId('core.organization_requests', 0, 2),
      requested_by: users.eventsAdmin,
      organization_name: 'Harbour Events',
      slug: 'harbour-events',
      status: 'approved',
      decided_by: users.platformLead,
      created_at: seed.at({ days: -382 }),
      decided_at: seed.at({ days: -380 }),
      decision_note: 'Commercial register checked.',
    },
  ])
}
