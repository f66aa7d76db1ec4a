import type { Problem } from './problem.js'

/** Thrown for an answer that is not of the place of this document. */
export class WrongContextError extends Error implements Problem {
  readonly status = 0
  readonly code = 'WRONG_CONTEXT'
  readonly title = 'The answer was for somebody else'
  readonly detail =
    'The server answered for another tenant than this page shows. Nothing of it was shown or kept.'
}

/** What every request of a document goes out with. */
export interface TransportOptions {
  /** Null outside of tenants. */
  readonly tenantId: string | null
  /** The token of the place, renewed when it is about to end; null for the public. */
  readonly bearer: () => Promise<string | null>
  /** Called when the server does not accept the token any more. */
  readonly onSignedOut: () => void
}

/**
 * The one way to the API. It names the tenant of the document in each request, which the server
 * refuses when the token is of another; and it drops answers that name another tenant.
 */
export function openTransport({ tenantId, bearer, onSignedOut }: TransportOptions) {
  return async (request: Request): Promise<Response> => {
    const token = await bearer()
    if (token !== null) request.headers.set('authorization', `Bearer ${token}`)
    if (tenantId !== null) request.headers.set('watertight-expect-tenant', tenantId)
    const reply = await fetch(request, { credentials: 'omit', cache: 'no-store' })
    const answered = reply.headers.get('watertight-tenant')
    if (answered !== null && answered !== tenantId) throw new WrongContextError()
    if (reply.status === 401 && token !== null) onSignedOut()
    return reply
  }
}
