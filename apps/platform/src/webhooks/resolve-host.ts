import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { DeliveryFailure } from './delivery-failure.js'
import type { WebhookTarget } from './webhook-target.js'
import { refuseAddresses } from './webhook-target.js'

/** All addresses of a name, the best one first. */
export type Resolver = (host: string) => Promise<readonly string[]>

/** Asks the system, as every other program on the machine would. */
export const systemResolver: Resolver = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

/** How many addresses of a name are tried before the attempt has failed. */
const maxAddresses = 3

/**
 * The addresses to connect to, in order. They are asked for once and nothing asks again: a name that
 * leads elsewhere a moment later (DNS rebinding) has no effect.
 *
 * @throws {DeliveryFailure} target_refused, name_not_resolved, timed_out
 */
export async function resolveTarget(
  target: WebhookTarget,
  resolve: Resolver,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isName = isIP(target.host) === 0
  const addresses = isName ? await ask(target.host, resolve, signal) : [target.host]
  if (addresses.length === 0) {
    throw new DeliveryFailure('name_not_resolved', 'the name has no address')
  }
  refuseAddresses(target, addresses)
  return addresses.slice(0, maxAddresses)
}

async function ask(
  host: string,
  resolve: Resolver,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // A look-up cannot be cancelled; its answer is dropped when it comes too late.
  let giveUp = (): void => undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new DeliveryFailure('timed_out', 'the name servers are slow'))
    signal.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([resolve(host), tooLate])
  } catch (error) {
    if (error instanceof DeliveryFailure) throw error
    throw new DeliveryFailure('name_not_resolved', 'the name has no address', { cause: error })
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
