import { createHash } from 'node:crypto'

/** What the hash of an audit entry covers. */
export interface AuditChainEntry {
  readonly tenantId: string
  /** Counted from 1 within the tenant. */
  readonly chainPosition: number
  /** ISO 8601 in UTC with milliseconds. */
  readonly occurredAt: string
  readonly actorId: string | null
  readonly actorRole: string
  readonly action: string
  readonly targetType: string
  readonly targetId: string | null
  readonly outcome: 'allowed' | 'denied' | 'failed'
  readonly correlationId: string
}

/**
 * SHA-256 over the hash of the entry before it (nothing for the first) and the entry's own fields.
 *
 * @example auditEntryHash(null, first) // 32 bytes: the previous_hash of the second entry
 */
export function auditEntryHash(previous: Buffer | null, entry: AuditChainEntry): Buffer {
  const fields = JSON.stringify([
    entry.tenantId,
    entry.chainPosition,
    entry.occurredAt,
    entry.actorId,
    entry.actorRole,
    entry.action,
    entry.targetType,
    entry.targetId,
    entry.outcome,
    entry.correlationId,
  ])
  const hash = createHash('sha256')
  if (previous !== null) hash.update(previous)
  return hash.update(fields).digest()
}
