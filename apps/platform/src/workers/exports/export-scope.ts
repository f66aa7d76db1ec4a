import type { WorkerClaims } from 'watertight/runtime'
import { z } from 'zod'
import type { Dataset } from './datasets.js'
import type { QueuedExport } from './export-repository.js'

/** An export that will never be made; the message is shown to the tenant. */
export class ExportRefused extends Error {
  override readonly name = 'ExportRefused'
}

/**
 * Whose view an export is of: that of the requester, as it is now and no more.
 *
 * SECURITY: an export is made after it was asked for. Who was a member then and is none now, or left
 * the place, gets nothing.
 *
 * @throws {ExportRefused}
 */
export function scopeOf(wanted: QueuedExport, dataset: Dataset): Omit<WorkerClaims, 'tenantId'> {
  const { role, orgUnitId, orgScope, isOfPlace, requestedBy: userId } = wanted
  if (role === null) throw new ExportRefused('who asked for the export is no member any more')
  if (orgUnitId === null || orgScope === null) {
    if (role === 'tenant_admin') return { userId, orgScope: 'all' }
    throw new ExportRefused('an export of the whole tenant takes an admin of it')
  }
  if (!dataset.isByOrgUnit) throw new ExportRefused('this kind is for the whole tenant only')
  if (role !== 'tenant_admin' && !isOfPlace) {
    throw new ExportRefused('who asked for the export does not work in that place any more')
  }
  return { userId, orgScope, orgUnitId }
}

/**
 * The view of an export of everything: the tenant's own, in nobody's name, for rows that are one user's
 * belong to the tenant as well. Who asked for it must be an admin of the tenant still.
 *
 * @throws {ExportRefused}
 */
export function archiveScopeOf(wanted: QueuedExport): Omit<WorkerClaims, 'tenantId'> {
  const { role, orgUnitId, filter } = wanted
  if (role !== 'tenant_admin')
    throw new ExportRefused('everything of a tenant takes an admin of it')
  if (orgUnitId !== null) throw new ExportRefused('this kind is for the whole tenant only')
  const [since, until] = boundsOf(filter)
  if (since !== null || until !== null) throw new ExportRefused('this kind has no bounds in time')
  return { orgScope: 'all' }
}

const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()])
const filterSchema = z.object({ since: time.optional(), until: time.optional() })

/** The bounds of an export; `until` itself is not in it. @throws {ExportRefused} */
export function boundsOf(filter: unknown): readonly [string | null, string | null] {
  const parsed = filterSchema.safeParse(filter)
  if (!parsed.success) throw new ExportRefused('the filter cannot be read')
  return [parsed.data.since ?? null, parsed.data.until ?? null]
}
