import { setTimeout as delay } from 'node:timers/promises'
import { WatertightError } from '../errors/index.js'
import { abortedError } from './abortable-flight.js'

/** How a transaction that lost against another one is run again. */
export interface RetryOptions {
  /** How often the function may run in all: 1 to 100. */
  readonly attempts: number
  /** Milliseconds that the first delay is drawn from; doubled each time. 10 by default. */
  readonly baseDelay?: number
  /** Milliseconds that no delay exceeds; 1,000 by default. */
  readonly maxDelay?: number
}

export type RetryPolicy = Required<RetryOptions>

/** What retries take from outside, so that a test can decide it. */
export interface RetryClock {
  /** From 0 to below 1. */
  readonly random: () => number
  /** Resolves after some milliseconds; rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>
}

/** Real time and `Math.random`. */
export const systemClock: RetryClock = {
  random: Math.random,
  sleep: (milliseconds, signal) =>
    delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
}

/** @throws INVALID_INPUT when a number is missing or out of range. */
export function retryPolicy(options: RetryOptions | false | undefined): RetryPolicy | null {
  if (options === undefined || options === false) return null
  const { attempts, baseDelay = 10, maxDelay = 1000 } = options
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100) {
    throw new WatertightError('INVALID_INPUT', 'retry.attempts must be a whole number, 1 to 100')
  }
  for (const value of [baseDelay, maxDelay]) {
    if (Number.isFinite(value) && value >= 0) continue
    throw new WatertightError('INVALID_INPUT', 'the delays of retry must be milliseconds from 0')
  }
  return { attempts, baseDelay, maxDelay }
}

/** Serialization failure and deadlock (manual, section 13.5): the same work may pass next time. */
const conflicts: ReadonlySet<string | undefined> = new Set(['40001', '40P01'])

/**
 * What was prepared before a table was altered, is not there any more, or is there by somebody else's
 * doing: the driver does not use it again. Names of functions are not translated.
 */
function isOutdated({ sqlState, cause }: WatertightError): boolean {
  if (sqlState === '26000' || sqlState === '42P05') return true
  const routine = typeof cause === 'object' && cause !== null && 'routine' in cause
  return sqlState === '0A000' && routine && cause.routine === 'RevalidateCachedQuery'
}

/**
 * True for an error of a transaction that lost against another one, or against a change of the
 * tables, also when it was wrapped.
 */
export function isConflict(error: unknown): boolean {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    if (current instanceof WatertightError) {
      if (current.code === 'OUTCOME_UNKNOWN') return false
      if (conflicts.has(current.sqlState) || isOutdated(current)) return true
    }
    current = current.cause
  }
  return false
}

/** How one attempt ended. `conflict`: rolled back for certain, because another one won. */
export type Attempt<Result> =
  | { readonly kind: 'done'; readonly value: Result }
  | { readonly kind: 'conflict'; readonly error: unknown }

export interface RetryHooks {
  readonly clock: RetryClock
  readonly signal: AbortSignal | undefined
  readonly onRetry: (attempt: number, error: unknown, delayMs: number) => void
}

/**
 * Runs attempts until one is done or the policy is exhausted, with full jitter: each delay is drawn
 * from zero to a bound that doubles.
 */
export async function withRetries<Result>(
  policy: RetryPolicy | null,
  attempt: (number: number) => Promise<Attempt<Result>>,
  { clock, signal, onRetry }: RetryHooks,
): Promise<Result> {
  const attempts = policy?.attempts ?? 1
  for (let number = 1; ; number += 1) {
    const end = await attempt(number)
    if (end.kind === 'done') return end.value
    if (policy === null || number >= attempts) throw end.error
    const bound = Math.min(policy.maxDelay, policy.baseDelay * 2 ** (number - 1))
    const delayMs = clock.random() * bound
    onRetry(number, end.error, delayMs)
    await clock.sleep(delayMs, signal).catch((error: unknown) => {
      throw signal?.aborted === true ? abortedError(signal) : error
    })
    if (signal?.aborted === true) throw abortedError(signal)
  }
}
