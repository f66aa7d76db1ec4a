import type { TenancyModel } from 'watertight/model'
import { exportTenantWithin } from 'watertight/tenants'
import type { Transaction } from 'watertight/runtime'
import { platformTenancy } from '../../tenancy.js'
import type { ExportBytes } from './export-lines.js'
import { zipped } from './zipped.js'

/** The kind of export that is everything of a tenant. */
export const tenantArchiveKind = 'tenant_archive'

/** Whose every table is; the names of the roles play no part in an export. */
const model = platformTenancy('platform')

/**
 * Tables that hold rows of tenants and are not for tenants to read: no member may, not even the highest.
 */
function withheldTables({ tables }: Pick<TenancyModel, 'tables'>): readonly string[] {
  return tables
    .filter(({ commands }) => !commands.includes('SELECT'))
    .map(({ table }) => `${table.schema}.${table.name}`)
}

/**
 * A zip archive with every row of the tenant, as lines of JSON by table, and last a manifest with the
 * rows, the bytes and the SHA-256 of each. Sealed fields are in it as they are kept: sealed.
 *
 * @param db of a job of the whole tenant, on one snapshot
 */
export function tenantArchive(db: Transaction): ExportBytes {
  let count = 0
  const chunks = zipped(async (sink) => {
    const { tables } = await exportTenantWithin(db, {
      model,
      sink,
      withhold: withheldTables(model),
    })
    count = tables.reduce((sum, { rows }) => sum + rows, 0)
  })
  return { chunks, rowCount: () => count }
}
