import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WorkerMetrics } from './worker-metrics.js'

/** Where a worker listens for who collects its figures. */
export interface MetricsAddress {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** A listener for `/metrics` and `/healthz`. */
export interface ServedMetrics {
  readonly port: number
  close(): Promise<void>
}

/** Serves the figures of a worker process, and nothing else. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  metrics: WorkerMetrics,
): Promise<ServedMetrics> {
  const server = createServer((request, response) => {
    request.resume()
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const path = request.url?.split('?', 1)[0]
    if (!isRead || (path !== '/metrics' && path !== '/healthz')) {
      response.writeHead(isRead ? 404 : 405).end()
      return
    }
    if (path === '/healthz') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')
      return
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  server.requestTimeout = 10_000
  server.headersTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
