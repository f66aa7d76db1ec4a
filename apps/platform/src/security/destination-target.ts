import { ApiProblem } from '../api/api-problem.js'
import { DeliveryFailure } from '../webhooks/delivery-failure.js'
import { parseTarget } from '../webhooks/webhook-target.js'

/** Names that no public resolver answers for (RFC 6761, RFC 6762, RFC 8375 and custom). */
const inHouse =
  /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion)\.?$/

/**
 * The URL of a destination in the form in which it is kept. What is wrong with it can be told here;
 * whether it leads inside is judged again at every connection, since names change.
 *
 * @throws {ApiProblem} INVALID_REQUEST
 * @example
 * ```ts
 * destinationUrl('https://169.254.169.254/') // refused at /body/url
 * ```
 */
export function destinationUrl(text: string): string {
  try {
    const { url, host } = parseTarget(text)
    if (url.hash !== '') throw refused('has a fragment')
    if (inHouse.test(host) || isBareName(host)) throw refused('leads to a host that is not public')
    return url.href
  } catch (error) {
    if (error instanceof DeliveryFailure) throw refused(error.message)
    throw error
  }
}

/** True when both go to the same host and port. */
export function isSameOrigin(left: string, right: string): boolean {
  return new URL(left).origin === new URL(right).origin
}

function isBareName(host: string): boolean {
  return !host.includes('.') && !host.includes(':')
}

function refused(detail: string): ApiProblem {
  const errors = [{ pointer: '/body/url', detail }]
  return new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}
