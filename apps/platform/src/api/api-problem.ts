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
export type ApiProblemCode = 'INVALID_REQUEST' | 'NOT_FOUND' | 'CONFLICT' | 'PAYLOAD_TOO_LARGE'

const statusByCode: Readonly<Record<ApiProblemCode, number>> = {
  INVALID_REQUEST: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
}

/** Ends a request with a problem that the client may know of. Never says whose row it was. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly code: ApiProblemCode
  readonly errors: readonly FieldProblem[]

  constructor(code: ApiProblemCode, detail: string, errors: readonly FieldProblem[] = []) {
    super(detail)
    this.code = code
    this.errors = errors
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
