import { lookup, Resolver as NameServers } from 'node:dns/promises'
import { isIP } from 'node:net'
import { DeliveryFailure } from './delivery-failure.js'
import type { WebhookTarget } from './webhook-target.js'
import { refuseAddresses } from './webhook-target.js'

/** All addresses of a name, the best one first; gives up with the signal. */
export type Resolver = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/**
 * Asks the name servers of the machine, or others, and nothing else: no file of hosts, no domain to
 * search in, which know names of the inside.
 *
 * SECURITY: not `lookup`, which holds one of the few threads of the process for as long as the name
 * servers of whoever owns the name please.
 */
export function nameServerResolver(servers?: readonly string[]): Resolver {
  return async function resolveName(host, signal) {
    const asked = new NameServers({ timeout: 2000, tries: 2 })
    if (servers !== undefined) asked.setServers(servers)
    const cancel = (): void => asked.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const answers = await Promise.allSettled([asked.resolve4(host), asked.resolve6(host)])
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** Asks the system, which knows the names of this machine. */
const ownNames: Resolver = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

const publicNames = nameServerResolver()

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
  resolve: Resolver | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isName = isIP(target.host) === 0
  const resolver = resolve ?? (target.isOnLoopback ? ownNames : publicNames)
  const addresses = isName ? await ask(target.host, resolver, signal) : [target.host]
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
  // An answer that comes too late is dropped.
  let giveUp = (): void => undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new DeliveryFailure('timed_out', 'the name servers are slow'))
    signal.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([resolve(host, signal), tooLate])
  } catch (error) {
    if (error instanceof DeliveryFailure) throw error
    throw new DeliveryFailure('name_not_resolved', 'the name has no address', { cause: error })
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
