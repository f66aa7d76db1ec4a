import type { ContextMode, TransactionVerbs } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import type { AuditOutcome } from './audit-entry.js'

/** A row of the audit log; what auditors may not see is null. */
export interface AuditRow {
  readonly id: string
  readonly position: string
  readonly occurred_at: Date
  readonly actor_id: string | null
  readonly actor_role: string
  readonly action: string
  readonly target_type: string
  readonly target_id: string | null
  readonly outcome: AuditOutcome
  readonly correlation_id: string
  readonly client_address: string | null
  readonly detail: Readonly<Record<string, unknown>> | null
  /** Hexadecimal. */
  readonly entry_hash: string
}

/** Which entries are asked for; null for any. */
export interface AuditFilter {
  readonly actorId: string | null
  /** An action, or the first part of actions: `asset` is `asset.approve` too. */
  readonly action: string | null
  readonly outcome: AuditOutcome | null
  readonly targetType: string | null
  readonly targetId: string | null
  readonly correlationId: string | null
  /** ISO 8601; `from` is included, `to` is not. */
  readonly from: string | null
  readonly to: string | null
}

const columns = sql`id, chain_position::text as position,
  date_trunc('milliseconds', occurred_at) as occurred_at, actor_id, actor_role, action, target_type,
  target_id, outcome, correlation_id, host(client_address) as client_address, detail,
  encode(entry_hash, 'hex') as entry_hash`

const matches = sql`($1::uuid is null or actor_id = $1)
  and ($2::text is null or action = $2 or starts_with(action, $2 || '.'))
  and ($3::ops.audit_outcome is null or outcome = $3)
  and ($4::text is null or target_type = $4)
  and ($5::uuid is null or target_id = $5)
  and ($6::uuid is null or correlation_id = $6)
  and ($7::timestamptz is null or occurred_at >= $7)
  and ($8::timestamptz is null or occurred_at < $8)`

function valuesOf(filter: AuditFilter): unknown[] {
  const { actorId, action, outcome, targetType, targetId, correlationId, from, to } = filter
  return [actorId, action, outcome, targetType, targetId, correlationId, from, to]
}

function logFor(mode: ContextMode): Sql {
  return relationFor(mode, 'ops.audit_log')
}

/** Entries from the last of the chain on; one more than `limit`, so that the caller knows of a next page. */
export async function listAuditEntries(
  db: TransactionVerbs,
  mode: ContextMode,
  filter: AuditFilter,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    sql`select ${columns} from ${logFor(mode)} where ${matches}
      and ($9::bigint is null or chain_position < $9)
      order by chain_position desc limit $10`.text,
    [...valuesOf(filter), before, limit + 1],
  )
  return rows
}

/** The entries in the order of the chain, `limit` at most, read in batches. */
export function streamAuditEntries(
  db: TransactionVerbs,
  mode: ContextMode,
  filter: AuditFilter,
  limit: number,
): AsyncIterable<AuditRow> {
  const text = sql`select ${columns} from ${logFor(mode)} where ${matches}
    order by chain_position limit $9`.text
  return db.stream<AuditRow>(text, [...valuesOf(filter), limit], { batchSize: 1000 })
}
