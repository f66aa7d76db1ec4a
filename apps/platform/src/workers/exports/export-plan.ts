import type { Transaction, WorkerClaims } from 'watertight/runtime'
import type { ExportFormat } from './datasets.js'
import { datasetOf } from './datasets.js'
import { evidenceArchive } from './evidence-archive.js'
import type { ExportBytes } from './export-lines.js'
import { exportBytes } from './export-lines.js'
import type { QueuedExport } from './export-repository.js'
import { archiveScopeOf, boundsOf, ExportRefused, scopeOf } from './export-scope.js'
import { tenantArchive, tenantArchiveKind } from './tenant-archive.js'

/** How an export is made. */
export interface ExportPlan {
  readonly format: ExportFormat
  /** Whose view it is of. */
  readonly scope: Omit<WorkerClaims, 'tenantId'>
  /** Reads the rows in the transaction that it is given, as they are asked for. */
  bytes(db: Transaction): ExportBytes
}

/**
 * How an export that is queued is made.
 *
 * @throws {ExportRefused} for what its requester may not have now, and for what is not made here.
 */
export function planOf(wanted: QueuedExport): ExportPlan {
  if (wanted.kind === tenantArchiveKind) {
    return { format: 'zip', scope: archiveScopeOf(wanted), bytes: tenantArchive }
  }
  const found = datasetOf(wanted.kind)
  if (found === null) throw new ExportRefused('exports of this kind are not made here')
  const { dataset, format } = found
  const bounds = boundsOf(wanted.filter)
  return {
    format,
    scope: scopeOf(wanted, dataset),
    bytes: (db) =>
      format === 'zip'
        ? evidenceArchive(db, bounds)
        : exportBytes(db.stream<{ line: string }>(dataset.query, bounds), dataset, format),
  }
}
