import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { WatertightError } from 'watertight/errors'
import { DeliveryFailure } from './delivery-failure.js'
import { openFirst } from './open-connection.js'
import { resolveTarget } from './resolve-host.js'
import type { Resolver } from './resolve-host.js'
import { readExcerpt } from './response-excerpt.js'
import type { TargetPolicy } from './webhook-target.js'
import { parseTarget } from './webhook-target.js'

/** How webhooks are sent. */
export interface WebhookClientOptions extends TargetPolicy {
  /** Names are asked for here; the name servers of the machine by default. */
  readonly resolve?: Resolver
  /** Milliseconds for look-up, connection, TLS, request and response together; 15,000 by default. */
  readonly timeout?: number
  /** Certificates to trust instead of the public ones, in PEM. */
  readonly authorities?: readonly string[]
}

/** A request to a destination. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a destination answered, whatever its status. */
export interface WebhookResponse {
  readonly status: number
  /** The start of the body, at most 2000 characters. */
  readonly excerpt: string
  /** The header, as it came. */
  readonly retryAfter: string | null
}

/** Posts one request. @throws {DeliveryFailure} when there is no answer to show. */
export type WebhookClient = (request: WebhookRequest) => Promise<WebhookResponse>

/**
 * A client that connects to public addresses only, judged when it connects, and follows nothing.
 *
 * @throws DEVELOPMENT_ONLY when loopback targets are named in production.
 */
export function webhookClient(options: WebhookClientOptions = {}): WebhookClient {
  const { resolve, timeout = 15_000, authorities } = options
  const { loopbackTargets = [] } = options
  if (loopbackTargets.length > 0 && process.env['NODE_ENV'] === 'production') {
    throw new WatertightError('DEVELOPMENT_ONLY', 'loopback targets are for development and tests')
  }
  return async function sendWebhook({ url, headers, body }) {
    const target = parseTarget(url, options)
    const signal = AbortSignal.timeout(timeout)
    const addresses = await resolveTarget(target, resolve, signal)
    const socket = await openFirst(target, addresses, signal, authorities)
    try {
      const response = await answerOf(
        request({
          // The socket is there: nothing is looked up, pooled or sent through a proxy.
          createConnection: () => socket,
          method: 'POST',
          path: target.url.pathname + target.url.search,
          headers: {
            ...headers,
            host: target.url.host,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': 'watertight-platform/1',
            accept: '*/*',
            'accept-encoding': 'identity',
            connection: 'close',
          },
          maxHeaderSize: 16_384,
          signal,
        }).end(body),
        signal,
      )
      const status = response.statusCode ?? 0
      if (status < 200 || status > 599) throw new DeliveryFailure('protocol', 'no final status')
      const excerpt = await readExcerpt(response)
      return { status, excerpt, retryAfter: response.headers['retry-after'] ?? null }
    } finally {
      socket.destroy()
    }
  }
}

function answerOf(sent: ReturnType<typeof request>, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('upgrade', () => reject(new DeliveryFailure('protocol', 'another protocol')))
    // Stays for as long as the request: an error after the response is no reason to end the process.
    sent.on('error', (error) => {
      const failure = signal.aborted
        ? new DeliveryFailure('timed_out', 'no response in time', { cause: error })
        : new DeliveryFailure('protocol', 'no response of HTTP', { cause: error })
      reject(failure)
    })
  })
}
