import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertFiles = `
insert into media.files (id, tenant_id, storage_key, original_name, content_type, byte_count, sha256,
  state, alternative_text, uploaded_by)
select id, tenant_id, storage_key, original_name, content_type, byte_count, sha256,
  state, alternative_text, uploaded_by
from jsonb_populate_recordset(null::media.files, $1::jsonb)`

const insertVariants = `
insert into media.variants (id, file_id, kind, size, storage_key, byte_count)
select id, file_id, kind, size, storage_key, byte_count
from jsonb_populate_recordset(null::media.variants, $1::jsonb)`

/** Files of each tenant, and their variants that have a tenant only through them. */
export async function seedMedia(seed: SeedContext): Promise<void> {
  const files = forEachTenant(2, (tenant, row) => ({
    id: demoId('media.files', tenant.number, row),
    tenant_id: tenant.id,
    storage_key: `${tenant.key}/cover-${String(row)}.jpg`,
    original_name: 'cover.jpg',
    content_type: 'image/jpeg',
    byte_count: 250_000 * row,
    sha256: demoDigest(`file ${tenant.key} ${String(row)}`),
    state: inTurn(['ready', 'uploading'], row),
    alternative_text: row === 1 ? 'The hall before the doors open' : null,
    uploaded_by: tenant.member,
  }))
  await insertRows(seed, insertFiles, files)
  const variants = forEachTenant(2, (tenant, row) => ({
    id: demoId('media.variants', tenant.number, row),
    file_id: demoId('media.files', tenant.number, 1),
    kind: inTurn(['thumbnail', 'card'], row),
    size: { width: 160 * row, height: 90 * row },
    storage_key: `${tenant.key}/cover-1-${String(row)}.webp`,
    byte_count: 9_000 * row,
  }))
  await insertRows(seed, insertVariants, variants)
}
