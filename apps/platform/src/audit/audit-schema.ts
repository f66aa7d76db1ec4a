import { z } from 'zod'
import { plainText } from '../security/fields.js'
import type { AuditFilter, AuditRow } from './audit-repository.js'

type Outcome = z.ZodEnum<{ allowed: 'allowed'; denied: 'denied'; failed: 'failed' }>

const outcome: Outcome = z.enum(['allowed', 'denied', 'failed'])
const time = z.iso.datetime({ offset: true })
const searchText = plainText(100)
const name = z
  .string()
  .regex(/^[a-z_]+(\.[a-z_]+)*$/)
  .max(100)

/** An entry of the audit log, as replies show it; null where the caller may not see it. */
export const auditEntry: z.ZodObject<{
  id: z.ZodUUID
  position: z.ZodInt
  occurredAt: z.ZodISODateTime
  actorId: z.ZodNullable<z.ZodUUID>
  actorRole: z.ZodString
  action: z.ZodString
  targetType: z.ZodString
  targetId: z.ZodNullable<z.ZodUUID>
  outcome: Outcome
  correlationId: z.ZodUUID
  clientAddress: z.ZodNullable<z.ZodString>
  detail: z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>
  entryHash: z.ZodString
}> = z.object({
  id: z.uuid(),
  position: z.int(),
  occurredAt: z.iso.datetime(),
  actorId: z.nullable(z.uuid()),
  actorRole: z.string(),
  action: z.string(),
  targetType: z.string(),
  targetId: z.nullable(z.uuid()),
  outcome,
  correlationId: z.uuid(),
  clientAddress: z.nullable(z.string()),
  detail: z.nullable(z.record(z.string(), z.unknown())),
  entryHash: z.string(),
})

/** A row as {@link auditEntry}. */
export function shownEntry(row: AuditRow): z.input<typeof auditEntry> {
  return {
    id: row.id,
    position: Number(row.position),
    occurredAt: row.occurred_at.toISOString(),
    actorId: row.actor_id,
    actorRole: row.actor_role,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    outcome: row.outcome,
    correlationId: row.correlation_id,
    clientAddress: row.client_address,
    detail: row.detail,
    entryHash: row.entry_hash,
  }
}

/** Schemas of the query parameters that entries are chosen by. */
interface AuditQuery {
  readonly actorId: z.ZodOptional<z.ZodUUID>
  readonly action: z.ZodOptional<z.ZodString>
  readonly outcome: z.ZodOptional<Outcome>
  readonly targetType: z.ZodOptional<z.ZodString>
  readonly targetId: z.ZodOptional<z.ZodUUID>
  readonly correlationId: z.ZodOptional<z.ZodUUID>
  readonly from: z.ZodOptional<z.ZodISODateTime>
  readonly to: z.ZodOptional<z.ZodISODateTime>
  readonly search: z.ZodOptional<typeof searchText>
}

/** Query parameters that entries are chosen by. */
export const auditQuery: AuditQuery = {
  actorId: z.uuid().optional(),
  action: name.optional(),
  outcome: outcome.optional(),
  targetType: z.string().max(100).optional(),
  targetId: z.uuid().optional(),
  correlationId: z.uuid().optional(),
  from: time.optional(),
  to: time.optional(),
  search: searchText.optional(),
}

/** The filter of parsed query parameters. */
export function filterOf(query: {
  readonly [Key in keyof AuditQuery]?: z.output<AuditQuery[Key]>
}): AuditFilter {
  return {
    actorId: query.actorId ?? null,
    action: query.action ?? null,
    outcome: query.outcome ?? null,
    targetType: query.targetType ?? null,
    targetId: query.targetId ?? null,
    correlationId: query.correlationId ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
    search: query.search ?? null,
  }
}
