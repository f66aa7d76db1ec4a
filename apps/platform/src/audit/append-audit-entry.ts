import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { AuditEntry } from './audit-entry.js'
import { entryHash } from './audit-entry.js'

/** Where an entry stands in the chain of its tenant. */
export interface AuditPlace {
  readonly id: string
  readonly position: number
}

const e = sql`e`
const roleOfMember = sql`(select m.role::text from core.memberships m
    where m.tenant_id = $1::uuid and m.user_id = $2::uuid)`

/**
 * One statement: it takes the head of the tenant's chain, or makes the first, and the row of the log
 * with it. Whoever comes second waits for the head and then reads it as the first has left it, so a
 * position is given once and a chain cannot fork (manual, section 13.2.1).
 */
const append = sql`
  with e as materialized (
    select coalesce($10::uuid, gen_random_uuid()) as id, $1::uuid as tenant_id,
      coalesce($11::timestamptz, statement_timestamp()) as occurred_at, $2::uuid as actor_id,
      coalesce($3::text, ${roleOfMember}, 'member') as actor_role, $4::text as action,
      $5::text as target_type, $6::uuid as target_id, $7::ops.audit_outcome as outcome,
      $8::uuid as correlation_id, $9::inet as client_address, $12::jsonb as detail
  ), head as (
    insert into ops.audit_heads as h (tenant_id, chain_position, previous_hash, entry_hash)
    select e.tenant_id, 1, null, ${entryHash(e, sql`1::bigint`, sql`null::bytea`)} from e
    on conflict (tenant_id) do update set
      chain_position = h.chain_position + 1,
      previous_hash = h.entry_hash,
      entry_hash = (select ${entryHash(e, sql`h.chain_position + 1`, sql`h.entry_hash`)} from e)
    returning chain_position, previous_hash, entry_hash
  )
  insert into ops.audit_log (id, tenant_id, occurred_at, chain_position, previous_hash, entry_hash,
    actor_id, actor_role, action, target_type, target_id, outcome, correlation_id, client_address,
    detail)
  select e.id, e.tenant_id, e.occurred_at, head.chain_position, head.previous_hash,
    head.entry_hash, e.actor_id, e.actor_role, e.action, e.target_type, e.target_id, e.outcome,
    e.correlation_id, e.client_address, e.detail
  from e, head
  returning id, chain_position::text as position`.text

/**
 * Appends an entry to the chain of its tenant, in the transaction of `db`. The head of the chain
 * stays locked until that transaction ends: append as the last thing before the commit.
 *
 * @throws ACCESS_DENIED for another tenant than that of the context.
 * @example
 * ```ts
 * await appendAuditEntry(tx, { tenantId, actorId, actorRole: null, action: 'asset.approve', … })
 * ```
 */
export async function appendAuditEntry(db: Queryable, entry: AuditEntry): Promise<AuditPlace> {
  const { rows } = await db.query<{ id: string; position: string }>(append, [
    entry.tenantId,
    entry.actorId,
    entry.actorRole,
    entry.action,
    entry.targetType,
    entry.targetId,
    entry.outcome,
    entry.correlationId,
    entry.clientAddress,
    entry.id ?? null,
    entry.occurredAt ?? null,
    JSON.stringify(entry.detail),
  ])
  const [row] = rows
  if (row === undefined) throw new Error('the head of the audit chain was hidden from its writer')
  return { id: row.id, position: Number(row.position) }
}
