/** What a handler answers with, and headers that go with it. */
export class WithHeaders<Result> {
  readonly result: Result
  readonly headers: Readonly<Record<string, string>>

  constructor(result: Result, headers: Readonly<Record<string, string>>) {
    this.result = result
    this.headers = headers
  }
}

/**
 * Ends a handler with headers for its reply. An answer that is given again for an idempotency key
 * does not have them.
 *
 * @example withHeaders(text, { 'content-disposition': 'attachment; filename="audit.csv"' })
 */
export function withHeaders<Result>(
  result: Result,
  headers: Readonly<Record<string, string>>,
): WithHeaders<Result> {
  return new WithHeaders(result, headers)
}
