import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

/** What came back over the wire. */
export interface Exchange {
  /** 0 where there was no answer. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Why there was no answer; null where there was one. */
  readonly failure: string | null
  readonly milliseconds: number
}

/** Sends requests as they are, without mending paths and headers as browsers do. */
export interface HttpSender {
  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<Exchange>
  close(): void
}

const longest = 60_000

/** Opens kept-alive connections to one server. */
export function openHttpSender(url: string, maxSockets: number): HttpSender {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets })
  const attempt: HttpSender['send'] = (method, path, headers, body) =>
    new Promise((resolve) => {
      const start = performance.now()
      const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const sent = request(
        {
          agent,
          hostname,
          port,
          method,
          path,
          headers: { ...headers, ...length },
          timeout: longest,
        },
        (reply) => {
          const chunks: Buffer[] = []
          reply.on('data', (chunk: Buffer) => chunks.push(chunk))
          reply.on('error', fail)
          reply.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            end({ status: reply.statusCode ?? 0, headers: reply.headers, text, failure: null })
          })
        },
      )
      const end = (exchange: Omit<Exchange, 'milliseconds'>): void =>
        resolve({ ...exchange, milliseconds: performance.now() - start })
      function fail({ message }: Error): void {
        // The server may end a kept connection at the very moment that it is used again.
        if (sent.reusedSocket && message === 'socket hang up') {
          void attempt(method, path, { ...headers, connection: 'close' }, body).then(resolve)
        } else end({ status: 0, headers: {}, text: '', failure: message })
      }
      sent.on('timeout', () => sent.destroy(new Error(`no answer in ${String(longest)} ms`)))
      sent.on('error', fail)
      sent.end(body ?? undefined)
    })
  return { close: () => agent.destroy(), send: attempt }
}
