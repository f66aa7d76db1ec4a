import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../errors/index.js'
import { WatertightError } from '../errors/index.js'

/** What a client is told of an error: status, headers and an RFC 9457 body. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ProblemBody
}

/** `application/problem+json`. */
export interface ProblemBody {
  readonly type: 'about:blank'
  /** The phrase of the status. */
  readonly title: string
  readonly status: number
  /** The code of the error, where a client can do something about it. */
  readonly code?: ErrorCode
}

export interface ProblemOptions {
  /** Named in `WWW-Authenticate`; `api` by default. */
  readonly realm?: string
}

/** Status by code; everything else is 500, without its code. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  INVALID_TOKEN: 401,
  CONTEXT_EXPIRED: 401,
  NO_TENANT: 400,
  INVALID_CONTEXT: 400,
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  ACCESS_DENIED: 403,
  KEY_NOT_FOUND: 409,
  KEY_DISABLED: 409,
  KEY_DESTROYED: 409,
  LEGAL_HOLD: 409,
  KEYS_UNAVAILABLE: 503,
  KEY_PROVIDER_FAILED: 503,
  ACQUIRE_TIMEOUT: 503,
  ABORTED: 503,
  CONNECTION_FAILED: 503,
  OUTCOME_UNKNOWN: 503,
  LOCK_NOT_AVAILABLE: 503,
}

/** Parameters of the challenge (RFC 6750, section 3.1); none where no token was sent. */
const challenges: Readonly<Partial<Record<ErrorCode, string>>> = {
  UNAUTHENTICATED: '',
  INVALID_TOKEN: ', error="invalid_token"',
  CONTEXT_EXPIRED: ', error="invalid_token"',
  FORBIDDEN: ', error="insufficient_scope"',
}

/**
 * SQLSTATEs of a server that is too busy or on its way down (manual, appendix A): serialization
 * failure, deadlock, lock not available, query canceled, insufficient resources, shutdown, lost
 * connection.
 */
const passing = /^(?:40001|40P01|55P03|57014|53...|57P0[1-5]|08...)$/

const retryAfterSeconds = '2'

/**
 * The answer to an error, the same whatever caused it within a code: no message, no cause, no name
 * of an object ever reaches a client. Anything but a `WatertightError` is 500.
 *
 * @example
 * ```ts
 * problemOf(error)
 * // { status: 401, headers: { 'www-authenticate': 'Bearer realm="api", error="invalid_token"', … },
 * //   body: { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'INVALID_TOKEN' } }
 * ```
 */
export function problemOf(error: unknown, options: ProblemOptions = {}): Problem {
  const code = error instanceof WatertightError ? error.code : null
  const status = code === null ? 500 : statusOf(code, error as WatertightError)
  const challenge = code === null ? undefined : challenges[code]
  const realm = (options.realm ?? 'api').replaceAll(/[^\x20-\x7e]|["\\]/g, '')
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(challenge !== undefined && { 'www-authenticate': `Bearer realm="${realm}"${challenge}` }),
      // Who repeats a write of unknown outcome has to look first whether it was done.
      ...(status === 503 && code !== 'OUTCOME_UNKNOWN' && { 'retry-after': retryAfterSeconds }),
    },
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      ...(code !== null && status !== 500 && { code }),
    },
  }
}

function statusOf(code: ErrorCode, error: WatertightError): number {
  const known = statuses[code]
  if (known !== undefined) return known
  const state = error.sqlState
  const isPassing = state !== undefined && passing.test(state)
  return isPassing && (code === 'STATEMENT_FAILED' || code === 'TX_ABORTED') ? 503 : 500
}
