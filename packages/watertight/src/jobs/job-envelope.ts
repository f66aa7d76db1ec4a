import { randomUUID } from 'node:crypto'
import { WatertightError } from '../errors/index.js'
import { requireContext } from '../runtime/ambient-context.js'
import { checkSigningKey, parseTenantContext } from '../runtime/index.js'
import type { ParseContextOptions, SigningKey, TenantContext } from '../runtime/index.js'
import { canonicalJson } from './canonical-json.js'
import type { EnvelopeClaims } from './envelope-token.js'
import { digest, signEnvelope, verifyEnvelope } from './envelope-token.js'

/** What goes into a queue: JSON, and the same JSON for `openJob` after any queue has stored it. */
export interface JobEnvelope<Payload = unknown> {
  /** Tenant, user, org scope, queue, times and the hash of the payload, signed. */
  readonly watertight: string
  /** Readable by whoever reads the queue. */
  readonly payload: Payload
}

export interface JobToSeal<Payload = unknown> {
  /** The queue it goes to; a worker of another queue refuses it. */
  readonly queue: string
  /** The name of the job within the queue, where the queue has names (BullMQ). */
  readonly name?: string
  /** Anything JSON can hold. */
  readonly payload: Payload
  /** How long it may wait, retries included, in seconds; 86400 by default. */
  readonly lifetimeSeconds?: number
}

/** One key, all that are valid while keys rotate, or a function that returns them. */
export type JobKeys =
  SigningKey | readonly SigningKey[] | (() => SigningKey | readonly SigningKey[])

export interface OpenJobOptions {
  readonly keys: JobKeys
  /** The queue that the envelope came out of. */
  readonly queue: string
  /** The name it was found under, where the queue has names. */
  readonly name?: string
  /** Life of the context in seconds; 300 by default. Give long jobs what they need. */
  readonly contextSeconds?: number
  /** Types of the ids; `uuid` by default. */
  readonly keyTypes?: ParseContextOptions['keyTypes']
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
}

/** A job whose envelope holds. */
export interface OpenedJob<Payload = unknown> {
  /** The same for every delivery of the envelope: a key for work that must happen once. */
  readonly id: string
  readonly queue: string
  readonly name: string | null
  readonly payload: Payload
  /** Of mode `worker`. */
  readonly context: TenantContext
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Seconds by which the clocks of those who seal and those who open may differ. */
const clockTolerance = 30

/** Thirty days. */
const maxLifetime = 2_592_000

/** 256 capabilities of 256 characters, in base64. */
const maxTokenLength = 131_072

/**
 * Seals a job of a member, or of a worker that makes further jobs, for one queue. Its worker will
 * have the tenant, user, org scope and capabilities of `context`, and no more.
 *
 * @throws CONTEXT_REQUIRED or INVALID_CONTEXT without a member's or worker's context,
 * CONTEXT_EXPIRED past its expiry, INVALID_INPUT for a payload that is no JSON, INVALID_SIGNING_KEY.
 *
 * @example
 * ```ts
 * await boss.send('invoices', sealJob(context, { queue: 'invoices', payload: { id } }, key))
 * ```
 */
export function sealJob<Payload>(
  context: TenantContext,
  job: JobToSeal<Payload>,
  key: SigningKey,
  now: () => number = Date.now,
): JobEnvelope<Payload> {
  const issuedAt = Math.floor(now() / 1000)
  const { tenantId, userId, orgScope, orgUnitId, capabilities } = sealable(context, issuedAt)
  const claims: EnvelopeClaims = {
    id: randomUUID(),
    queue: label('queue', job.queue),
    name: job.name === undefined ? null : label('name', job.name),
    tenantId,
    userId,
    orgScope,
    orgUnitId,
    capabilities,
    issuedAt,
    expiresAt: issuedAt + lifetime(job.lifetimeSeconds ?? 86_400),
    payloadHash: payloadHash(job.payload),
  }
  return { watertight: signEnvelope(claims, checkSigningKey(key)), payload: job.payload }
}

/**
 * Verifies what came out of a queue and makes the worker's context, with a fresh expiry.
 *
 * @throws INVALID_JOB for an envelope that is missing, malformed, altered, expired, signed by an
 * unknown key, or sealed for another queue or name. Nothing of it is in the message.
 *
 * @example
 * ```ts
 * const { context, payload } = openJob(job.data, { keys, queue: 'invoices' })
 * ```
 */
export function openJob<Payload = unknown>(
  envelope: unknown,
  options: OpenJobOptions,
): OpenedJob<Payload> {
  const { queue, name = null, now = Date.now } = options
  const { token, payload } = partsOf(envelope)
  const claims = verifiedClaims(token, keysOf(options.keys))
  const seconds = Math.floor(now() / 1000)
  if (claims === null) throw invalid('its signature does not match')
  if (claims.queue !== label('queue', queue)) throw invalid('it was sealed for another queue')
  if (claims.name !== name) throw invalid('it was sealed under another name')
  if (claims.expiresAt <= seconds) throw invalid('it has expired')
  if (claims.issuedAt > seconds + clockTolerance) throw invalid('it is from the future')
  if (hashOrNull(payload) !== claims.payloadHash) throw invalid('its payload was altered')
  const { tenantId, userId, orgScope, orgUnitId, capabilities } = claims
  const context = parseTenantContext(
    {
      mode: 'worker',
      tenantId,
      userId,
      orgScope,
      orgUnitId,
      capabilities,
      expiresAt: seconds + lifetime(options.contextSeconds ?? 300),
    },
    { keyTypes: options.keyTypes ?? {}, now },
  )
  const { id, issuedAt, expiresAt } = claims
  return { id, queue, name, payload: payload as Payload, context, issuedAt, expiresAt }
}

type Sealable = Extract<TenantContext, { mode: 'member' | 'worker'; tenantId: string }>

function sealable(given: TenantContext, seconds: number): Sealable {
  const context = requireContext(given)
  if (context.mode !== 'member' && context.mode !== 'worker') {
    throw new WatertightError(
      'INVALID_CONTEXT',
      `a job is sealed by a member or a worker, not in mode ${context.mode}`,
    )
  }
  if (context.tenantId === null) {
    throw new WatertightError('INVALID_CONTEXT', 'a job is sealed inside of a tenant')
  }
  if (context.expiresAt > seconds) return context
  throw new WatertightError('CONTEXT_EXPIRED', 'the tenant context has expired')
}

function payloadHash(payload: unknown): string {
  try {
    return digest(canonicalJson(payload))
  } catch {
    throw new WatertightError('INVALID_INPUT', 'the payload of a job must be JSON')
  }
}

function hashOrNull(payload: unknown): string | null {
  try {
    return digest(canonicalJson(payload))
  } catch {
    return null
  }
}

function partsOf(envelope: unknown): { token: string; payload: unknown } {
  if (typeof envelope === 'object' && envelope !== null) {
    const { watertight, payload } = envelope as Partial<JobEnvelope>
    if (typeof watertight === 'string') return { token: watertight, payload }
  }
  throw invalid('there is none: the job was not made by sealJob')
}

function verifiedClaims(token: string, keys: readonly SigningKey[]): EnvelopeClaims | null {
  if (token.length > maxTokenLength) return null
  return verifyEnvelope(token, keys.map(checkSigningKey))
}

function keysOf(keys: JobKeys): readonly SigningKey[] {
  const given = typeof keys === 'function' ? keys() : keys
  const list: readonly SigningKey[] = Array.isArray(given) ? given : [given as SigningKey]
  if (list.length > 0) return list
  throw new WatertightError('INVALID_SIGNING_KEY', 'jobs need a signing key')
}

function label(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= 256) return value
  throw new WatertightError('INVALID_INPUT', `the ${what} of a job must be a text, not empty`)
}

function lifetime(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maxLifetime) return seconds
  throw new WatertightError(
    'INVALID_INPUT',
    `a lifetime is a whole number of seconds from 1 to ${maxLifetime}`,
  )
}

/** SECURITY: no part of the envelope, which somebody may have written who should not. */
function invalid(reason: string): WatertightError {
  return new WatertightError('INVALID_JOB', `the job envelope was refused: ${reason}`)
}
