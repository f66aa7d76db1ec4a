import type { ApiContract } from './api-operations.js'
import type { Exchange } from './http-exchange.js'
import { isRecord, schemaFaults } from './json-schema.js'
import type { JsonSchema } from './json-schema.js'
import type { FuzzRequest } from './request-maker.js'

/** What no body tells: stacks, files of the server, statements and messages of PostgreSQL. */
const internals =
  /node_modules|\n\s+at \S+ \(|\.ts:\d+:\d+|\.js:\d+:\d+|SQLSTATE|\bviolates (?:check|unique|foreign|not-null|row)|duplicate key value|syntax error at|relation "|column "\w+" of|row-level security|current_setting|permission denied for/

/** What is wrong with a reply by what the document promises; none for what it promises. */
export function replyFaults(
  request: FuzzRequest,
  reply: Exchange,
  contract: ApiContract,
): readonly string[] {
  const { status, text, failure } = reply
  if (failure !== null) return isCutOff(request) ? [] : [`no answer: ${failure}`]
  if (status >= 500) return [`status ${String(status)}`]
  const shown = internals.exec(text)
  if (shown !== null && request.body?.includes(shown[0]) !== true) return [`shows ${shown[0]}`]
  if (request.path.startsWith('/oidc') || !request.path.startsWith('/api/v1/')) return []
  if (request.method === 'HEAD') return text === '' ? [] : ['a body to HEAD']
  return status < 400 ? successFaults(request, reply) : problemFaults(reply, contract.problem)
}

/** The server closes after its answer to what is too large, and the client may still be sending. */
function isCutOff({ body }: FuzzRequest): boolean {
  return (body?.length ?? 0) > 200_000
}

function successFaults({ operation, method }: FuzzRequest, reply: Exchange): readonly string[] {
  const { status, text } = reply
  const { success } = operation
  // Another method on the path is another operation, whose schema this one does not tell.
  if (method !== operation.method) return []
  if (status !== success.status) return [`status ${String(status)} is not documented`]
  if (success.mediaType === null) return text === '' ? [] : ['a body where none is documented']
  const type = mediaTypeOf(reply)
  if (type !== success.mediaType) return [`media type ${type} is not documented`]
  return type === 'application/json' ? jsonFaults(text, success.schema) : []
}

function problemFaults(reply: Exchange, schema: JsonSchema): readonly string[] {
  const { status, text, headers } = reply
  const type = mediaTypeOf(reply)
  if (type !== 'application/problem+json')
    return [`status ${String(status)} with ${type || 'no type'}`]
  const faults = jsonFaults(text, { ...schema, additionalProperties: false })
  if (faults.length > 0) return faults
  const body = JSON.parse(text) as unknown
  if (!isRecord(body) || body['status'] !== status) return ['the body tells another status']
  if (typeof body['code'] !== 'string') return ['the problem has no code']
  const mustTell = status === 429 || status === 503
  return mustTell && headers['retry-after'] === undefined ? ['no Retry-After'] : []
}

function jsonFaults(text: string, schema: JsonSchema): readonly string[] {
  try {
    return schemaFaults(schema, JSON.parse(text))
  } catch {
    return ['the body is no JSON']
  }
}

function mediaTypeOf({ headers }: Exchange): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
}
