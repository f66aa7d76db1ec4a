/** A refusal of the API as RFC 9457 has it, or what stands in for one that never came. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail?: string | undefined
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] | undefined
}

/** A problem that can be thrown. */
export class ProblemError extends Error implements Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string | undefined
  readonly errors: Problem['errors']
  constructor(refusal: unknown) {
    const problem = problemOf(refusal)
    super(problem.title)
    this.status = problem.status
    this.code = problem.code
    this.title = problem.title
    this.detail = problem.detail
    this.errors = problem.errors
  }
}

/** The problem in whatever a query or mutation has failed with. */
export function problemOf(error: unknown): Problem {
  if (isProblem(error)) return error
  return {
    status: 0,
    code: 'UNREACHABLE',
    title: 'The server cannot be reached',
    detail: 'Check the connection and try again.',
  }
}

/** Messages of fields by their name in the body. */
export function fieldErrorsOf(error: unknown): Readonly<Record<string, string>> {
  const { errors = [] } = problemOf(error)
  return Object.fromEntries(
    errors.map(({ pointer, detail }) => [pointer.replace(/^\/(body|query)\//, ''), detail]),
  )
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'code' in value &&
    'title' in value
  )
}
