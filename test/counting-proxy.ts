import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Frame } from './protocol-frames.js'
import { FrameReader } from './protocol-frames.js'

/** A TCP proxy in front of a PostgreSQL server that counts round trips exactly. */
export interface CountingProxy {
  /** The connection string with the proxy's host and port in place of the server's. */
  through(url: string): string
  /**
   * How often a client had to wait for the server since the last reset: Sync, Flush or simple
   * Query messages sent while no answer was outstanding. Start-up is not counted.
   */
  readonly roundTrips: number
  reset(): void
  /** Called with each client message before it is passed on. */
  onFrame: (frame: Frame) => void
  /**
   * Breaks the connection at the next client message that matches: before the server gets it, or
   * once the server has answered, without passing the answer on.
   */
  breakAt(matches: (frame: Frame) => boolean, moment: 'before' | 'after'): void
  close(): Promise<void>
}

interface Break {
  readonly matches: (frame: Frame) => boolean
  readonly moment: 'before' | 'after'
}

/** Starts a proxy on a free port of 127.0.0.1, for servers without TLS. */
export async function startCountingProxy(serverUrl: string): Promise<CountingProxy> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let roundTrips = 0
  let planned: Break | null = null
  let onFrame: (frame: Frame) => void = () => undefined

  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    const fromClient = new FrameReader('client')
    const fromServer = new FrameReader('server')
    let started = false
    let outstanding = 0
    let broken = false

    client.on('data', (chunk) => {
      for (const frame of fromClient.read(chunk)) {
        onFrame(frame)
        if (planned?.matches(frame) === true) {
          const { moment } = planned
          planned = null
          if (moment === 'before') {
            client.resetAndDestroy()
            return
          }
          broken = true
        }
        if (started && ['S', 'H', 'Q'].includes(frame.type)) {
          if (outstanding === 0) roundTrips += 1
          if (frame.type !== 'H') outstanding += 1
        }
        if (!upstream.write(frame.bytes)) client.pause()
      }
    })
    upstream.on('drain', () => client.resume())
    client.on('drain', () => upstream.resume())
    upstream.on('data', (chunk) => {
      for (const frame of fromServer.read(chunk)) {
        if (frame.type === 'Z') {
          if (started) outstanding -= 1
          started = true
        }
        if (broken && frame.type === 'Z') client.resetAndDestroy()
        if (!broken && !client.write(frame.bytes)) upstream.pause()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    through(url) {
      const proxied = new URL(url)
      proxied.hostname = '127.0.0.1'
      proxied.port = String(port)
      return proxied.href
    },
    get roundTrips() {
      return roundTrips
    },
    reset() {
      roundTrips = 0
    },
    get onFrame() {
      return onFrame
    },
    set onFrame(listener) {
      onFrame = listener
    },
    breakAt(matches, moment) {
      planned = { matches, moment }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
