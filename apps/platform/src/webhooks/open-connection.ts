import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { DeliveryFailure } from './delivery-failure.js'
import type { WebhookTarget } from './webhook-target.js'
import { refusePeer } from './webhook-target.js'

/**
 * Connects to the first of the addresses that answers.
 *
 * @throws as {@link openConnection}, for the last one
 */
export async function openFirst(
  target: WebhookTarget,
  addresses: readonly string[],
  signal: AbortSignal,
  authorities?: readonly string[],
): Promise<Socket> {
  let last: unknown = new DeliveryFailure('name_not_resolved', 'the name has no address')
  for (const address of addresses) {
    try {
      return await openConnection(target, address, signal, authorities)
    } catch (error) {
      last = error
      const isWorthAnother =
        error instanceof DeliveryFailure && error.failure === 'connection_failed'
      if (!isWorthAnother) break
    }
  }
  throw last
}

/**
 * Connects to an address that was checked, sees that it got there, and speaks TLS for the name. Not
 * one byte of a request has been sent then, and no proxy of the environment is asked.
 *
 * @param authorities certificates to trust instead of the public ones, in PEM
 * @throws {DeliveryFailure} connection_failed, tls_failed, target_refused, timed_out
 */
async function openConnection(
  target: WebhookTarget,
  address: string,
  signal: AbortSignal,
  authorities?: readonly string[],
): Promise<Socket> {
  const socket = connect({ host: address, port: target.port, family: isIP(address) })
  await settled(socket, 'connect', signal, 'connection_failed')
  try {
    refusePeer(address, socket.remoteAddress)
  } catch (error) {
    socket.destroy()
    throw error
  }
  const secured = connectTls({
    socket,
    // An address is no server name (RFC 6066, section 3); the certificate is checked against `host`.
    host: target.host,
    ...(isIP(target.host) === 0 && { servername: target.host }),
    minVersion: 'TLSv1.2',
    // SECURITY: said here, so that no variable of the environment says otherwise.
    rejectUnauthorized: true,
    ...(authorities !== undefined && { ca: [...authorities] }),
  })
  await settled(secured, 'secureConnect', signal, 'tls_failed')
  return secured
}

async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  failure: 'connection_failed' | 'tls_failed',
): Promise<void> {
  try {
    await once(socket, event, { signal })
  } catch (error) {
    // Whatever it still says is of no interest; without a listener it would end the process.
    socket.on('error', () => undefined).destroy()
    if (signal.aborted) throw new DeliveryFailure('timed_out', `no ${event} in time`)
    const code: unknown = Reflect.get(Object(error), 'code')
    const message = failure === 'tls_failed' ? 'TLS failed' : 'the connection failed'
    const detail = typeof code === 'string' ? `${message} (${code})` : message
    throw new DeliveryFailure(failure, detail, { cause: error })
  }
}
