import { demo } from './demo.js'
import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { insertRows } from './seed-context.js'

const insertArchiveRequests = `
insert into core.archive_requests (id, tenant_id, reason, requested_by, status, decided_by,
  decided_at, decision_note, created_at)
select id, tenant_id, reason, requested_by, status, decided_by, decided_at, decision_note, created_at
from jsonb_populate_recordset(null::core.archive_requests, $1::jsonb)`

const insertErasures = `
insert into core.erasures (id, subject_id, subject_name, subject_slug, reason, export_taken,
  requested_by, requested_at, status, decided_by, decided_at, decision_note)
select id, subject_id, subject_name, subject_slug, reason, export_taken,
  requested_by, requested_at, status, decided_by, decided_at, decision_note
from jsonb_populate_recordset(null::core.erasures, $1::jsonb)`

/** Wishes to end tenants, none of which came about. */
export async function seedEndings(seed: SeedContext): Promise<void> {
  const { users } = demo
  const requests = forEachTenant(2, (tenant, row) => ({
    id: demoId('core.archive_requests', tenant.number, row),
    tenant_id: tenant.id,
    reason: 'The association is being dissolved.',
    requested_by: tenant.admin,
    status: 'rejected',
    decided_by: users.platformLead,
    decided_at: seed.at({ days: -90 * row }),
    decision_note: 'Withdrawn by telephone the day after.',
    created_at: seed.at({ days: -90 * row - 1 }),
  }))
  await insertRows(seed, insertArchiveRequests, requests)
  await insertRows(seed, insertErasures, [
    {
      id: demoId('core.erasures', 0, 1),
      subject_id: demoId('core.tenants', 0, 9),
      subject_name: 'Old Pier Concerts',
      subject_slug: 'old-pier-concerts',
      reason: 'The contract has ended.',
      export_taken: false,
      requested_by: users.platformSupport,
      requested_at: seed.at({ days: -60 }),
      status: 'rejected',
      decided_by: users.platformLead,
      decided_at: seed.at({ days: -59 }),
      decision_note: 'They have not taken their data yet.',
    },
  ])
}
