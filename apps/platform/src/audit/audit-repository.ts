import type { ContextMode, TransactionVerbs } from 'watertight/runtime'
import { joinSql, sql, trustedSql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byInteger, placeOf, sortOrders } from '../database/sort-order.js'
import type { SortOf, SortOrders } from '../database/sort-order.js'
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
  /** Part of the action, the type of the target, the role of the actor or the detail; case does not matter. */
  readonly search: string | null
}

const columns = sql`id, chain_position::text as position,
  date_trunc('milliseconds', occurred_at) as occurred_at, actor_id, actor_role, action, target_type,
  target_id, outcome, correlation_id, host(client_address) as client_address, detail,
  encode(entry_hash, 'hex') as entry_hash`

/** Values of a statement, and the conditions that they stand in. */
interface Matching {
  readonly condition: Sql
  readonly values: readonly unknown[]
}

/** Each combination of filters has a text of its own, so that the planner sees plain comparisons. */
function matching(filter: AuditFilter, window: AuditWindow | null): Matching {
  const values: unknown[] = []
  const conditions: Sql[] = []
  const demand = (value: unknown, condition: (place: Sql) => Sql): void => {
    if (value === null || value === undefined) return
    conditions.push(condition(trustedSql(`$${String(values.push(value))}`)))
  }
  demand(filter.actorId, (at) => sql`actor_id = ${at}::uuid`)
  // Of what can stand in an action only the point sorts before `/`: the action, and those under it.
  demand(
    filter.action,
    (at) => sql`action collate "C" >= ${at}::text and action collate "C" < ${at}::text || '/'`,
  )
  demand(filter.outcome, (at) => sql`outcome = ${at}::ops.audit_outcome`)
  demand(filter.targetType, (at) => sql`target_type = ${at}::text`)
  demand(filter.targetId, (at) => sql`target_id = ${at}::uuid`)
  demand(filter.correlationId, (at) => sql`correlation_id = ${at}::uuid`)
  demand(filter.from, (at) => sql`occurred_at >= ${at}::timestamptz`)
  demand(filter.to, (at) => sql`occurred_at < ${at}::timestamptz`)
  demand(
    filter.search,
    (at) =>
      sql`strpos(lower(concat_ws(' ', action, target_type, actor_role, detail)), lower(${at}::text)) > 0`,
  )
  demand(window?.before, (at) => sql`chain_position < ${at}::bigint`)
  demand(window?.from, (at) => sql`chain_position >= ${at}::bigint`)
  const condition = conditions.length === 0 ? sql`true` : joinSql(conditions, ' and ')
  return { condition, values }
}

function logFor(mode: ContextMode): Sql {
  return relationFor(mode, 'ops.audit_log')
}

/** What entries can be listed by. */
export type AuditSort = 'position'

/** The orders of the log: from the end of the chain, or from its beginning. */
export const auditOrders: SortOrders<AuditSort> = sortOrders(
  { position: byInteger(sql`chain_position`) },
  '-position',
  placeOf(sql`chain_position`),
)

/** Where in the chain a page looks. */
export interface AuditWindow {
  /** The position after the last entry to look at; null for the end of the chain. */
  readonly before: number | null
  /** The first position to look at; null for the beginning. */
  readonly from: number | null
}

/** Position of the tenant's last entry; 0 before there is one. */
export async function lastPosition(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ position: number }>(
    'select coalesce(max(chain_position), 0)::float8 as position from ops.audit_heads',
  )
  return rows[0]?.position ?? 0
}

/** Entries in the order of the chain or against it; one more than `limit`, so that the caller knows of a next page. */
export async function listAuditEntries(
  db: Queryable,
  mode: ContextMode,
  filter: AuditFilter,
  page: AuditWindow & { readonly sort: SortOf<AuditSort>; readonly limit: number },
): Promise<AuditRow[]> {
  const { condition, values } = matching(filter, page)
  const direction = page.sort === 'position' ? sql`asc` : sql`desc`
  const { rows } = await db.query<AuditRow>(
    sql`select ${columns} from ${logFor(mode)} where ${condition}
      order by chain_position ${direction} limit ${trustedSql(`$${String(values.length + 1)}`)}`
      .text,
    [...values, page.limit + 1],
  )
  return rows
}

/** An entry beside another one in the chain. */
export interface AuditNeighbour {
  readonly id: string
  readonly position: number
  /** Hexadecimal. */
  readonly entry_hash: string
}

/** An entry with what it is chained to. */
export interface ChainedAuditRow extends AuditRow {
  /** Hash of the entry before it, as this entry keeps it; null for the first. */
  readonly previous_hash: string | null
  readonly previous: AuditNeighbour | null
  readonly next: AuditNeighbour | null
}

function neighbour(mode: ContextMode, position: Sql): Sql {
  return sql`(select json_build_object('id', n.id, 'position', n.chain_position,
      'entry_hash', encode(n.entry_hash, 'hex'))
    from ${logFor(mode)} n where n.tenant_id = e.tenant_id and n.chain_position = ${position} limit 1)`
}

/** The entry, if the caller may see it, with its neighbours in the chain. */
export async function findAuditEntry(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<ChainedAuditRow | undefined> {
  const { rows } = await db.query<ChainedAuditRow>(
    sql`select ${columns}, encode(previous_hash, 'hex') as previous_hash,
        ${neighbour(mode, sql`e.chain_position - 1`)} as previous,
        ${neighbour(mode, sql`e.chain_position + 1`)} as next
      from ${logFor(mode)} e where e.id = $1`.text,
    [id],
  )
  return rows[0]
}

/** The entries in the order of the chain, `limit` at most, read in batches. */
export function streamAuditEntries(
  db: TransactionVerbs,
  mode: ContextMode,
  filter: AuditFilter,
  limit: number,
): AsyncIterable<AuditRow> {
  const { condition, values } = matching(filter, null)
  const text = sql`select ${columns} from ${logFor(mode)} where ${condition}
    order by chain_position limit ${trustedSql(`$${String(values.length + 1)}`)}`.text
  return db.stream<AuditRow>(text, [...values, limit], { batchSize: 1000 })
}
