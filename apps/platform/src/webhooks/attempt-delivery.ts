import { backOffDelay } from '../workers/back-off.js'
import type { BackOff } from '../workers/back-off.js'
import { DeliveryFailure } from './delivery-failure.js'
import type { FailureClass } from './delivery-failure.js'
import type {
  AttemptRecord,
  ClaimedDelivery,
  NextStep,
  SealedCredential,
} from './delivery-repository.js'
import type { WebhookClient, WebhookResponse } from './webhook-client.js'
import { headersOf } from './webhook-signature.js'

/** Opens a sealed secret; throws when the key is disabled or destroyed. */
export type OpenSecret = (tenantId: string, sealed: SealedCredential) => Promise<string>

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly send: WebhookClient
  readonly openSecret: OpenSecret
  /** Waiting times between attempts; from five seconds to six hours by default. */
  readonly backOff?: BackOff
  readonly random?: () => number
}

/** How an attempt went, and what follows. */
export interface AttemptOutcome {
  readonly record: AttemptRecord
  readonly next: NextStep
}

const defaultBackOff: BackOff = { first: 5000, factor: 4, most: 21_600_000 }

/** Another attempt would end the same way. */
const finalFailures: ReadonlySet<FailureClass> = new Set(['gone', 'destination_disabled'])

/** Makes one attempt; it never throws, since whatever happens belongs on record. */
export async function attemptDelivery(
  tenantId: string,
  delivery: ClaimedDelivery,
  options: AttemptOptions,
): Promise<AttemptOutcome> {
  const startedAt = new Date()
  const start = performance.now()
  let signature: string | null = null
  let response: WebhookResponse | null = null
  let failure: DeliveryFailure | null = null
  try {
    const { url, headers, body } = await requestOf(tenantId, delivery, startedAt, options)
    signature = headers['webhook-signature'] ?? null
    response = await options.send({ url, headers, body })
    failure = failureOf(response.status)
  } catch (error) {
    failure = error instanceof DeliveryFailure ? error : unforeseen(error)
  }
  const record: AttemptRecord = {
    startedAt,
    durationMs: performance.now() - start,
    status: response?.status ?? null,
    excerpt: response?.excerpt ?? null,
    failure: failure?.failure ?? null,
    error: failure?.message ?? null,
    signature,
  }
  return { record, next: nextStep(delivery, failure, response, options) }
}

interface SignedRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function requestOf(
  tenantId: string,
  delivery: ClaimedDelivery,
  now: Date,
  { openSecret }: AttemptOptions,
): Promise<SignedRequest> {
  const { url, credential, messageId, eventType, occurredAt, payload } = delivery
  if (delivery.isExhausted) throw new DeliveryFailure('abandoned', 'every attempt was abandoned')
  if (url === null) {
    throw new DeliveryFailure('destination_disabled', 'the destination is switched off or deleted')
  }
  const body = JSON.stringify({ type: eventType, timestamp: occurredAt, data: payload })
  const message = { id: messageId, timestamp: Math.floor(now.getTime() / 1000), body }
  const opened = credential && { kind: credential.kind, secret: await open(tenantId, credential) }
  return { url, body, headers: headersOf(message, opened) }

  async function open(tenant: string, sealed: SealedCredential): Promise<string> {
    try {
      return await openSecret(tenant, sealed)
    } catch (error) {
      // SECURITY: fails closed, nothing is sent unsigned; and the reason may name keys.
      const options = { cause: error }
      throw new DeliveryFailure('credential', 'the credential cannot be opened', options)
    }
  }
}

function failureOf(status: number): DeliveryFailure | null {
  if (status < 300) return null
  const message = `the destination answered ${String(status)}`
  if (status < 400) return new DeliveryFailure('redirect', `${message}; redirects are not followed`)
  if (status === 410) return new DeliveryFailure('gone', message)
  return new DeliveryFailure(status < 500 ? 'client_error' : 'server_error', message)
}

function unforeseen(error: unknown): DeliveryFailure {
  return new DeliveryFailure('protocol', 'the attempt failed', { cause: error })
}

function nextStep(
  { attempt, isLastAttempt, isExhausted }: ClaimedDelivery,
  failure: DeliveryFailure | null,
  response: WebhookResponse | null,
  { backOff = defaultBackOff, random = Math.random }: AttemptOptions,
): NextStep {
  if (failure === null) return { state: 'delivered' }
  if (isLastAttempt || isExhausted || finalFailures.has(failure.failure)) {
    return { state: 'dead_letter' }
  }
  const wanted = retryAfter(response)
  const delay = backOffDelay(backOff, attempt, random)
  return { state: 'retrying', delayMs: Math.min(backOff.most, Math.max(delay, wanted)) }
}

/** Milliseconds that the destination asked to be left alone for. */
function retryAfter(response: WebhookResponse | null): number {
  const seconds = /^\d{1,9}$/.exec(response?.retryAfter ?? '')
  return seconds === null ? 0 : Number(seconds[0]) * 1000
}
