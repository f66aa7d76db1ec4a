import type { Queryable } from 'watertight/sql'
import type { FailureClass } from './delivery-failure.js'
import type { CredentialKind } from './webhook-signature.js'

/** The secret of a destination as it is stored. */
export interface SealedCredential {
  readonly id: string
  readonly kind: CredentialKind
  readonly encryptionKeyId: string
  readonly ciphertext: Buffer
  readonly destinationId: string
  readonly version: number
}

/** A delivery that this worker may attempt until its lease ends. */
export interface ClaimedDelivery {
  readonly id: string
  readonly messageId: string
  readonly eventType: string
  readonly payload: unknown
  readonly occurredAt: Date
  readonly attempt: number
  readonly isLastAttempt: boolean
  /** True when worker after worker ended in the middle of it. */
  readonly isExhausted: boolean
  /** Null when the destination was switched off or deleted. */
  readonly url: string | null
  readonly credential: SealedCredential | null
}

interface ClaimedRow {
  readonly id: string
  readonly message_id: string
  readonly event_type: string
  readonly payload: unknown
  readonly occurred_at: Date
  readonly attempt: number
  readonly attempt_limit: number
  readonly url: string | null
  readonly destination_id: string
  readonly credential_id: string | null
  readonly kind: CredentialKind | null
  readonly encryption_key_id: string | null
  readonly secret_ciphertext: Buffer | null
  readonly version: number | null
}

// The lease is the time of the next attempt: who dies leaves a delivery that is due again then.
const claim = `
with due as (
  select id from sec.deliveries
  where state in ('queued', 'retrying') and (next_attempt_at is null or next_attempt_at <= now())
  order by next_attempt_at nulls first, position limit $1 for update skip locked
), claimed as (
  update sec.deliveries d set
    attempts = greatest(d.attempts, (select coalesce(max(attempt), 0)
      from sec.delivery_attempts t where t.delivery_id = d.id)) + 1,
    next_attempt_at = now() + make_interval(secs => $2)
  from due where d.id = due.id
  returning d.*
)
select d.id, coalesce(d.message_id, d.id) as message_id, d.event_type, d.payload,
  coalesce(d.occurred_at, d.created_at) as occurred_at, d.attempts as attempt, d.attempt_limit,
  g.url, d.destination_id,
  c.id as credential_id, c.kind, c.encryption_key_id, c.secret_ciphertext, c.version
from claimed d
left join sec.integration_destinations g
  on g.id = d.destination_id and g.is_enabled and g.deleted_at is null
left join sec.integration_credentials c
  on c.destination_id = g.id and c.retired_at is null
order by d.position`

const recordAbandoned = `
insert into sec.delivery_attempts (delivery_id, attempt, started_at, duration_ms, error, error_class)
select d.id, n, now(), 0, 'the worker ended before it could record the attempt', 'abandoned'
from sec.deliveries d cross join lateral generate_series(1, d.attempts - 1) n
where d.id = any ($1::uuid[])
  and not exists (select from sec.delivery_attempts t where t.delivery_id = d.id and t.attempt = n)
on conflict do nothing`

/**
 * Takes up to `limit` due deliveries for the time of the lease, in seconds. Attempts of workers
 * that ended in the middle are put on record.
 */
export async function claimDeliveries(
  db: Queryable,
  limit: number,
  lease: number,
): Promise<ClaimedDelivery[]> {
  const { rows } = await db.query<ClaimedRow>(claim, [limit, lease])
  const repeated = rows.filter(({ attempt }) => attempt > 1).map(({ id }) => id)
  if (repeated.length > 0) await db.query(recordAbandoned, [repeated])
  return rows.map(toClaimed)
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  return {
    id: row.id,
    messageId: row.message_id,
    eventType: row.event_type,
    payload: row.payload,
    occurredAt: row.occurred_at,
    attempt: row.attempt,
    isLastAttempt: row.attempt >= row.attempt_limit,
    isExhausted: row.attempt > row.attempt_limit,
    url: row.url,
    credential: credentialOf(row),
  }
}

function credentialOf(row: ClaimedRow): SealedCredential | null {
  const { credential_id: id, kind, encryption_key_id: encryptionKeyId, version } = row
  const { secret_ciphertext: ciphertext, destination_id: destinationId } = row
  const isThere = id !== null && kind !== null && encryptionKeyId !== null && version !== null
  if (!isThere || ciphertext === null) return null
  return { id, kind, encryptionKeyId, ciphertext, destinationId, version }
}

/** How an attempt went. */
export interface AttemptRecord {
  readonly startedAt: Date
  readonly durationMs: number
  readonly status: number | null
  readonly excerpt: string | null
  readonly failure: FailureClass | null
  readonly error: string | null
  readonly signature: string | null
}

/** What becomes of a delivery after an attempt. */
export type NextStep =
  | { readonly state: 'delivered' | 'dead_letter' }
  | { readonly state: 'retrying'; readonly delayMs: number }

const recordAttempt = `
insert into sec.delivery_attempts (delivery_id, attempt, started_at, duration_ms, response_status,
  response_excerpt, error, error_class)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing`

// INVARIANT: only who holds the latest attempt decides; the record of one who came too late stays.
const moveOn = `
update sec.deliveries set state = $3::sec.delivery_state, signature = $5,
  finished_at = case when $3 in ('delivered', 'dead_letter') then now() end,
  next_attempt_at = case when $3 = 'retrying' then now() + make_interval(secs => $4 / 1000.0) end
where id = $1 and attempts = $2 and state in ('queued', 'retrying')`

/** Puts an attempt on record and the delivery into its next state. */
export async function finishAttempt(
  db: Queryable,
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  record: AttemptRecord,
  next: NextStep,
): Promise<void> {
  const { startedAt, durationMs, status, excerpt, error, failure, signature } = record
  const { id, attempt } = delivery
  await db.query(recordAttempt, [
    id,
    attempt,
    startedAt,
    Math.round(durationMs),
    status,
    excerpt,
    error,
    failure,
  ])
  const delay = next.state === 'retrying' ? next.delayMs : 0
  await db.query(moveOn, [id, attempt, next.state, delay, signature])
}
