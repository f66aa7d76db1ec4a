import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/** How what was tried ended. */
export type AuditOutcome = 'allowed' | 'denied' | 'failed'

/** Something that happened, as it goes into the audit log of a tenant. */
export interface AuditEntry {
  readonly tenantId: string
  /** Null for visitors and for jobs that no user started. */
  readonly actorId: string | null
  /** Null for members: the role of their membership is looked up. */
  readonly actorRole: string | null
  /** `asset.approve`, in the form of the log: names with dots between. */
  readonly action: string
  readonly targetType: string
  readonly targetId: string | null
  readonly outcome: AuditOutcome
  /** The id of the request, or of the job. */
  readonly correlationId: string
  readonly clientAddress: string | null
  readonly detail: Readonly<Record<string, unknown>>
  /** ISO 8601; the time of the statement when left out. */
  readonly occurredAt?: string
  /** A fresh one when left out. */
  readonly id?: string
}

/**
 * The hash of an entry: SHA-256 over every column of its row in a canonical form, the hash of the
 * entry before it included. It is computed by the server, from this one expression, when an entry is
 * written and when a chain is verified.
 *
 * `jsonb` prints keys in a fixed order and keeps apart what lies in different fields; times are
 * printed in UTC with microseconds, whatever the session's zone.
 *
 * SECURITY: an expression of the application and no function of the database: who may change a
 * function there could make it vouch for anything.
 *
 * @param entry alias of a row with the columns of `ops.audit_log`
 * @param position the position in the chain
 * @param previous the hash of the entry before, NULL for the first
 */
export function entryHash(entry: Sql, position: Sql, previous: Sql): Sql {
  const at = sql`to_char(${entry}.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
  return sql`sha256(convert_to(jsonb_build_array('watertight audit 1', ${entry}.tenant_id,
    ${position}, encode(${previous}, 'hex'), ${entry}.id, ${at}, ${entry}.actor_id,
    ${entry}.actor_role, ${entry}.action, ${entry}.target_type, ${entry}.target_id,
    ${entry}.outcome, ${entry}.correlation_id, ${entry}.client_address::text,
    ${entry}.detail)::text, 'UTF8'))`
}
