import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'

/** Where a server listens, and how to speak with it. */
export interface ServerAddress {
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string }
  /** Null for a connection in the clear. */
  readonly tls: ConnectionOptions | null
  /** `direct` starts TLS at once; `postgres` asks for it with an SSLRequest first. */
  readonly negotiation: 'postgres' | 'direct'
}

/**
 * What came of a cancel request. `delivered`: the server has signalled the backend, so nothing
 * sent from now on is hit. `unsent`: it never left. `uncertain`: it may still arrive.
 */
export type CancelOutcome = 'delivered' | 'unsent' | 'uncertain'

export const sslRequest: Buffer = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const cancelCode = 80_877_102

/** Milliseconds to wait for a server that neither answers nor hangs up. */
const patience = 5_000

/** The key of a backend as BackendKeyData has it: process id, then the secret. */
export function backendKey(processId: number, secret: number): Buffer {
  const key = Buffer.alloc(8)
  key.writeInt32BE(processId | 0, 0)
  key.writeInt32BE(secret | 0, 4)
  return key
}

/** Sends a CancelRequest (manual, section 54.2.8) and waits until the server hangs up. */
export function requestCancel(address: ServerAddress, key: Buffer): Promise<CancelOutcome> {
  return new Promise((resolve) => {
    const request = Buffer.alloc(8)
    request.writeInt32BE(request.length + key.length, 0)
    request.writeInt32BE(cancelCode, 4)

    let sent = false
    let over = false
    const raw = connectTcp(address.at)
    const sockets: Socket[] = [raw]
    const finish = (outcome: CancelOutcome): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      resolve(outcome)
    }
    const fail = (): void => finish(sent ? 'uncertain' : 'unsent')
    const timer = setTimeout(fail, patience)
    const attend = (socket: Socket): void => {
      socket.on('error', fail)
      socket.on('end', () => finish(sent ? 'delivered' : 'unsent'))
      socket.on('close', fail)
    }
    const send = (socket: Socket): void => {
      sent = true
      // Without half-closing: a pooler may take the end of the request for the end of the client.
      socket.write(Buffer.concat([request, key]))
      socket.resume()
    }
    const secure = (tls: ConnectionOptions): void => {
      const alpn = address.negotiation === 'direct' ? { ALPNProtocols: ['postgresql'] } : {}
      const socket = connectTls({ ...tls, ...alpn, socket: raw })
      sockets.push(socket)
      attend(socket)
      socket.on('secureConnect', () => send(socket))
    }

    attend(raw)
    raw.on('connect', () => {
      raw.setNoDelay(true)
      const { tls } = address
      if (tls === null) {
        send(raw)
      } else if (address.negotiation === 'direct') {
        secure(tls)
      } else {
        raw.once('data', (answer) => {
          // SECURITY: without TLS the key of the backend would travel in the clear.
          if (answer.toString('latin1') === 'S') secure(tls)
          else fail()
        })
        raw.write(sslRequest)
      }
    })
  })
}
