import { STATUS_CODES } from 'node:http'

/** A field of a request and what is wrong with it. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the request: `/body/name`. */
  readonly pointer: string
  readonly detail: string
}

/** What a client is told of a request that cannot be served (RFC 9457). */
export interface ProblemBody {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly errors?: readonly FieldProblem[]
}

/** Stable codes that the API adds to those of the library. */
export type ApiProblemCode = keyof typeof statusByCode

const statusByCode = {
  INVALID_REQUEST: 400,
  /** The cursor is of the same list in another order. */
  CURSOR_OF_OTHER_ORDER: 400,
  NOT_FOUND: 404,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  /** The token is for another tenant than `Watertight-Expect-Tenant` names; nothing was done. */
  TENANT_MISMATCH: 409,
  /** This server was started without what the operation takes. */
  NOT_CONFIGURED: 409,
  /** The write was done by an earlier request with this key, and its answer held a secret. */
  SECRET_ALREADY_SHOWN: 409,
  PAYLOAD_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  /** The idempotency key was used for another request. */
  IDEMPOTENCY_KEY_REUSED: 422,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  /** The server cannot answer now; the same request may pass later. */
  UNAVAILABLE: 503,
  /** The connection broke while committing: the write may have been done. Repeat it with its key. */
  OUTCOME_UNKNOWN: 503,
} as const

/** Ends a request with a problem that the client may know of. Never says whose row it was. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly code: ApiProblemCode
  readonly errors: readonly FieldProblem[]
  /** When to come back, in seconds; null where that would not help. */
  readonly retryAfter: number | null

  constructor(
    code: ApiProblemCode,
    detail: string,
    errors: readonly FieldProblem[] = [],
    retryAfter: number | null = statusByCode[code] === 503 ? 2 : null,
  ) {
    super(detail)
    this.code = code
    this.errors = errors
    this.retryAfter = retryAfter
  }

  get status(): number {
    return statusByCode[this.code]
  }

  get body(): ProblemBody {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.errors.length > 0 && { errors: this.errors }),
    }
  }
}

/** The row that a path names, or 404: a row of another tenant is not there. */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new ApiProblem('NOT_FOUND', 'no such object')
  return row
}
