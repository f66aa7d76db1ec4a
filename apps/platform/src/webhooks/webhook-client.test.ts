import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { tlsCertificate, tlsKey } from '../../../../test/tls-certificate.js'
import type { WebhookClient, WebhookClientOptions } from './webhook-client.js'
import { webhookClient } from './webhook-client.js'

let server: Server
let port: number
let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  server = createServer({ key: tlsKey, cert: tlsCertificate }, (request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      requests.push({ method, url, headers, body })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  reset()
})
function reset(): void {
  requests = []
  answer = (response) => response.end('thanks')
}
afterEach(() => {
  reset()
  vi.unstubAllEnvs()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A client that may reach the server of this test, under the name in its certificate. */
function client(options: WebhookClientOptions = {}): WebhookClient {
  return webhookClient({
    loopbackTargets: [`localhost:${String(port)}`],
    authorities: [tlsCertificate],
    resolve: () => Promise.resolve(['127.0.0.1']),
    timeout: 3000,
    ...options,
  })
}

const message = { headers: { 'webhook-id': 'm1' }, body: '{"a":"ü"}' }
const send = (options?: WebhookClientOptions, path = '/in?x=1'): ReturnType<WebhookClient> =>
  client(options)({ ...message, url: `https://localhost:${String(port)}${path}` })

describe('the webhook client', () => {
  it('posts to the host of the URL, over TLS that it has verified', async () => {
    expect(await send()).toEqual({ status: 200, excerpt: 'thanks', retryAfter: null })
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: '/in?x=1',
        body: message.body,
        headers: {
          host: `localhost:${String(port)}`,
          'webhook-id': 'm1',
          'content-type': 'application/json',
          connection: 'close',
        },
      },
    ])
  })

  it('asks the name servers once, and connects to what was checked and nowhere else', async () => {
    let asked = 0
    // The second answer would be another machine: nobody asks for it.
    const resolve = (): Promise<string[]> => {
      asked += 1
      return Promise.resolve([asked === 1 ? '127.0.0.1' : '127.0.0.2'])
    }
    await send({ resolve })
    expect(asked).toBe(1)
  })

  it('judges the address at every delivery, so a name that was public yesterday is refused', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']]
    const seen: string[] = []
    const resolve = (host: string): Promise<string[]> => {
      seen.push(host)
      return Promise.resolve(answers.shift() ?? [])
    }
    const url = `https://localhost:${String(port)}/`
    const ports = [port]
    const guarded = webhookClient({ ports, resolve, authorities: [tlsCertificate], timeout: 200 })
    // The first leads out of this machine, where nothing answers.
    const outside = await guarded({ ...message, url }).catch((error: unknown) => error)
    expect(outside).not.toMatchObject({ failure: 'target_refused' })
    await expect(guarded({ ...message, url })).rejects.toMatchObject({ failure: 'target_refused' })
    expect({ seen: seen.length, requests }).toEqual({ seen: 2, requests: [] })
  })

  it.each([
    ['loopback', ['127.0.0.1']],
    ['loopback, version 6', ['::1']],
    ['metadata', ['169.254.169.254']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['one of many', ['93.184.216.34', '10.0.0.1']],
    ['no address at all', ['localhost']],
  ])('refuses a name that leads to %s', async (_what, addresses) => {
    const resolve = (): Promise<string[]> => Promise.resolve(addresses)
    await expect(send({ loopbackTargets: [], ports: [port], resolve })).rejects.toMatchObject({
      failure: 'target_refused',
    })
    expect(requests).toEqual([])
  })

  it('is needed: without the judgement the same request reaches the server', async () => {
    expect((await send({ loopbackTargets: [`localhost:${String(port)}`] })).status).toBe(200)
    expect(requests).toHaveLength(1)
  })

  it('tries the next address of a name when one does not answer', async () => {
    const unused = await unusedAddress()
    const resolve = (): Promise<string[]> => Promise.resolve([unused, '127.0.0.1'])
    expect((await send({ resolve })).status).toBe(200)
  })

  it('follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: '/other' }).end()
    expect(await send()).toMatchObject({ status: 302 })
    expect(requests).toHaveLength(1)
  })

  it('asks no proxy of the environment', async () => {
    const asked: string[] = []
    const proxy = createTcpServer((socket) => {
      asked.push('connected')
      socket.destroy()
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const proxyUrl = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY']) {
      vi.stubEnv(name, proxyUrl)
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    expect((await send()).status).toBe(200)
    proxy.close()
    expect(asked).toEqual([])
  })

  it('reads no more of an answer than it keeps, and keeps what can be stored', async () => {
    let written = 0
    answer = (response) => {
      const chunk = Buffer.from(`\u0000\u001b[31m${'😀'.repeat(4000)}`)
      const more = (): void => {
        if (response.destroyed || written > 50_000_000) return
        written += chunk.length
        response.write(chunk, more)
      }
      more()
    }
    const { excerpt } = await send()
    expect([...excerpt]).toHaveLength(2000)
    expect(excerpt.startsWith('  [31m😀')).toBe(true)
    expect(written).toBeLessThan(50_000_000)
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['breaks off', (response) => response.socket?.destroy()],
    ['speaks no HTTP', (response) => response.socket?.end('SSH-2.0\r\n\r\n')],
    ['has endless headers', (response) => response.writeHead(200, { x: 'y'.repeat(20_000) }).end()],
    [
      'upgrades',
      (response) =>
        response.socket?.end('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
    ['has a status that is none', (response) => response.socket?.end('HTTP/1.1 799 X\r\n\r\n')],
  ])('gives up on a server that %s', async (what, behaviour) => {
    answer = behaviour
    const failure = what === 'never answers' ? 'timed_out' : 'protocol'
    await expect(send({ timeout: 500 })).rejects.toMatchObject({ failure })
  })

  it('keeps the status of an answer whose body never ends', async () => {
    answer = (response) => response.writeHead(500).write('slow')
    expect(await send({ timeout: 300 })).toMatchObject({ status: 500, excerpt: 'slow' })
  })

  it('gives up on name servers that are slow, on closed ports and on foreign certificates', async () => {
    const never = (): Promise<string[]> => new Promise(() => undefined)
    await expect(send({ resolve: never, timeout: 50 })).rejects.toMatchObject({
      failure: 'timed_out',
    })
    const unknown = (): Promise<string[]> => Promise.reject(new Error('ENOTFOUND'))
    await expect(send({ resolve: unknown })).rejects.toMatchObject({ failure: 'name_not_resolved' })
    const none = (): Promise<string[]> => Promise.resolve([])
    await expect(send({ resolve: none })).rejects.toMatchObject({ failure: 'name_not_resolved' })
    const unused = await unusedAddress()
    await expect(send({ resolve: () => Promise.resolve([unused]) })).rejects.toMatchObject({
      failure: 'connection_failed',
    })
    const strict = webhookClient({
      loopbackTargets: [`localhost:${String(port)}`],
      resolve: () => Promise.resolve(['127.0.0.1']),
    })
    await expect(
      strict({ ...message, url: `https://localhost:${String(port)}/` }),
    ).rejects.toMatchObject({ failure: 'tls_failed' })
    expect(requests).toEqual([])
  })

  it('does not take the certificate of one name for another', async () => {
    const name = `other.test:${String(port)}`
    const other = client({ loopbackTargets: [name] })
    await expect(other({ ...message, url: `https://${name}/` })).rejects.toMatchObject({
      failure: 'tls_failed',
    })
  })

  it('is not made with loopback targets in production', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => client()).toThrow(expect.objectContaining({ code: 'DEVELOPMENT_ONLY' }))
    expect(() => webhookClient()).not.toThrow()
  })
})

/** An address of this machine on which nothing listens at the port of the server. */
function unusedAddress(): Promise<string> {
  return Promise.resolve('127.0.0.3')
}
