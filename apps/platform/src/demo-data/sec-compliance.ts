import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertFrameworks = `
insert into sec.frameworks (id, code, edition, title, publisher, published_on)
select id, code, edition, title, publisher, published_on
from jsonb_populate_recordset(null::sec.frameworks, $1::jsonb)`

const insertControls = `
insert into sec.controls (id, framework_id, parent_id, code, title, guidance)
select id, framework_id, parent_id, code, title, guidance
from jsonb_populate_recordset(null::sec.controls, $1::jsonb)`

const insertControlStatus = `
insert into sec.tenant_control_status (tenant_id, control_id, state, owner_id, note, reviewed_at)
select tenant_id, control_id, state, owner_id, note, reviewed_at
from jsonb_populate_recordset(null::sec.tenant_control_status, $1::jsonb)`

const insertEvidence = `
insert into sec.evidence (id, tenant_id, control_id, asset_id, title, source, storage_reference,
  sha256, byte_count, excerpt, collected_by, collected_at, supersedes_id)
select id, tenant_id, control_id, asset_id, title, source, storage_reference,
  sha256, byte_count, excerpt, collected_by, collected_at, supersedes_id
from jsonb_populate_recordset(null::sec.evidence, $1::jsonb)`

const insertExports = `
insert into sec.exports (id, tenant_id, kind, state, filter, row_count, sha256, storage_reference,
  requested_by, expires_at)
select id, tenant_id, kind, state, filter, row_count, sha256, storage_reference,
  requested_by, expires_at
from jsonb_populate_recordset(null::sec.exports, $1::jsonb)`

const framework = demoId('sec.frameworks', 0, 1)
const control = (row: number): string => demoId('sec.controls', 0, row)

/** Reference frameworks and controls, and each tenant's standing, evidence and exports. */
export async function seedCompliance(seed: SeedContext): Promise<void> {
  await seedReference(seed)
  const states = forEachTenant(3, (tenant, row) => ({
    tenant_id: tenant.id,
    control_id: control(row + 1),
    state: inTurn(['implemented', 'in_progress', 'not_started'], row),
    owner_id: tenant.manager,
    note: row === 2 ? 'Waiting for the second door.' : null,
    reviewed_at: seed.at({ days: -row * 10 }),
  }))
  await insertRows(seed, insertControlStatus, states)
  const evidence = forEachTenant(3, (tenant, row) => ({
    id: demoId('sec.evidence', tenant.number, row),
    tenant_id: tenant.id,
    control_id: control(row === 3 ? 2 : row + 1),
    asset_id: demoId('sec.assets', tenant.number, row),
    title: inTurn(['Door log of October', 'Backup report', 'Door log of November'], row),
    source: inTurn(['access-control', 'backup', 'access-control'], row),
    storage_reference: `evidence/${tenant.key}/${String(row)}`,
    sha256: demoDigest(`evidence ${tenant.key} ${String(row)}`),
    byte_count: 2048 * row,
    excerpt: `Reviewed by ${tenant.key}, page ${String(row)}`,
    collected_by: tenant.member,
    collected_at: seed.at({ days: -row }),
    supersedes_id: row === 3 ? demoId('sec.evidence', tenant.number, 1) : null,
  }))
  await insertRows(seed, insertEvidence, evidence)
  const exports = forEachTenant(2, (tenant, row) => ({
    id: demoId('sec.exports', tenant.number, row),
    tenant_id: tenant.id,
    kind: inTurn(['audit_csv', 'evidence_zip'], row),
    state: inTurn(['ready', 'queued'], row),
    filter: { since: '2026-09-01' },
    row_count: row === 1 ? 5 : null,
    sha256: row === 1 ? demoDigest(`export ${tenant.key}`) : null,
    storage_reference: row === 1 ? `exports/${tenant.key}/audit.csv` : null,
    requested_by: tenant.admin,
    expires_at: seed.at({ days: 7 }),
  }))
  await insertRows(seed, insertExports, exports)
}

async function seedReference(seed: SeedContext): Promise<void> {
  await insertRows(seed, insertFrameworks, [
    {
      id: framework,
      code: 'ISO27001',
      edition: '2022',
      title: 'Information security management systems',
      publisher: 'ISO/IEC',
      published_on: '2022-10-25',
    },
    {
      id: demoId('sec.frameworks', 0, 2),
      code: 'SOC2',
      edition: '2017',
      title: 'Trust services criteria',
      publisher: 'AICPA',
      published_on: '2017-04-15',
    },
  ])
  const controls: readonly (readonly [number, number | null, string, string])[] = [
    [1, null, 'A.7', 'Physical controls'],
    [2, 1, 'A.7.2', 'Physical entry'],
    [3, null, 'A.8.13', 'Information backup'],
    [4, null, 'A.8.15', 'Logging'],
  ]
  await insertRows(
    seed,
    insertControls,
    controls.map(([row, parent, code, title]) => ({
      id: control(row),
      framework_id: framework,
      parent_id: parent === null ? null : control(parent),
      code,
      title,
    })),
  )
}
