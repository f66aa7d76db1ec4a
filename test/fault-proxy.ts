import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Fault } from './faults.js'
import { FaultPipe } from './fault-pipe.js'
import { FrameReader } from './protocol-frames.js'

export { drawFault } from './faults.js'
export type { Fault } from './faults.js'

/** A TCP proxy in front of a PostgreSQL server that breaks connections where it is told to. */
export interface FaultProxy {
  /** The connection string with the proxy's host and port in place of the server's. */
  through(url: string): string
  /**
   * Waits for the n-th message that matches, counted from now over all connections, and breaks the
   * connection that it is on. Faults add up.
   */
  arm(fault: Fault): void
  /** Forgets every fault; connections that were slowed or stalled flow again. */
  reset(): void
  /** Connections that are open now. */
  readonly connections: number
  /** Faults that took effect since the last reset. */
  readonly struck: number
  close(): Promise<void>
}

interface Armed {
  readonly fault: Fault
  left: number
}

interface Connection {
  readonly client: Socket
  readonly upstream: Socket
  readonly pipes: Record<Fault['from'], FaultPipe>
}

/** Starts a proxy on a free port of 127.0.0.1, for servers without TLS. */
export async function startFaultProxy(serverUrl: string): Promise<FaultProxy> {
  const target = new URL(serverUrl)
  const open = new Set<Connection>()
  let armed: Armed[] = []
  let struck = 0

  /** The fault that the message sets off, if any. */
  function due(from: Fault['from'], type: string): Fault | null {
    for (const entry of armed) {
      const { fault } = entry
      if (fault.from !== from || (fault.message !== undefined && fault.message !== type)) continue
      entry.left -= 1
      if (entry.left > 0) continue
      armed = armed.filter((other) => other !== entry)
      struck += 1
      return fault
    }
    return null
  }

  function strike(connection: Connection, fault: Fault, bytes: Buffer): void {
    const { client, upstream, pipes } = connection
    const pipe = pipes[fault.from]
    switch (fault.kind) {
      case 'reset':
        client.resetAndDestroy()
        upstream.resetAndDestroy()
        return
      case 'eof':
        client.end()
        upstream.end()
        pipe.close()
        return
      case 'partial':
        pipe.forward(bytes.subarray(0, fault.bytes ?? Math.ceil(bytes.length / 2)))
        pipe.endAfterwards()
        return
      case 'stall':
        pipes.client.stall()
        pipes.server.stall()
        break
      case 'latency':
        pipe.delay(fault.milliseconds)
        break
      case 'bandwidth':
        pipe.throttle(fault.bytesPerSecond)
        break
    }
    pipe.forward(bytes)
  }

  function relay(connection: Connection, from: Fault['from']): void {
    const source = from === 'client' ? connection.client : connection.upstream
    const reader = new FrameReader(from)
    source.on('data', (chunk) => {
      for (const frame of reader.read(chunk)) {
        const fault = due(from, frame.type)
        if (fault === null) connection.pipes[from].forward(frame.bytes)
        else strike(connection, fault, frame.bytes)
      }
    })
    source.on('error', () => undefined)
    source.on('close', () => {
      open.delete(connection)
      connection.client.destroy()
      connection.upstream.destroy()
      connection.pipes.client.close()
      connection.pipes.server.close()
    })
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    client.setNoDelay(true)
    upstream.setNoDelay(true)
    const pipes = {
      client: new FaultPipe(client, upstream),
      server: new FaultPipe(upstream, client),
    }
    const connection = { client, upstream, pipes }
    open.add(connection)
    relay(connection, 'client')
    relay(connection, 'server')
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
    arm(fault) {
      armed.push({ fault, left: fault.at ?? 1 })
    },
    reset() {
      armed = []
      struck = 0
      for (const { pipes } of open) {
        pipes.client.heal()
        pipes.server.heal()
      }
    },
    get connections() {
      return open.size
    },
    get struck() {
      return struck
    },
    async close() {
      for (const { client, upstream } of open) {
        client.destroy()
        upstream.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
