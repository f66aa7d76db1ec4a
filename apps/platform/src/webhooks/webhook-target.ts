import { isIP } from 'node:net'
import { canonicalAddress, isLoopbackAddress, isPublicAddress } from './public-address.js'
import { DeliveryFailure } from './delivery-failure.js'

/** Which targets the platform connects to. */
export interface TargetPolicy {
  /** 443 and 8443 by default. */
  readonly ports?: readonly number[]
  /**
   * For development and tests: `host:port` of targets that lie on this machine. Their addresses
   * have to be loopback ones; `webhookClient` refuses the option in production.
   */
  readonly loopbackTargets?: readonly string[]
}

/** A URL that may be connected to, if the addresses of its host may. */
export interface WebhookTarget {
  readonly url: URL
  /** Without the brackets of IPv6. */
  readonly host: string
  readonly port: number
  readonly isOnLoopback: boolean
}

const defaultPorts: readonly number[] = [443, 8443]
const maxUrlLength = 2000

/**
 * Parses the URL of a destination. URL parsing has turned decimal, octal and hexadecimal spellings
 * of IPv4 addresses into the usual one by then, so a literal address is judged here already; a name
 * is judged by {@link refuseAddresses} at the time of connecting.
 *
 * @throws {DeliveryFailure} target_refused
 * @example
 * ```ts
 * parseTarget('https://0x7f.1/hook') // refused: the address is not public
 * ```
 */
export function parseTarget(text: string, policy: TargetPolicy = {}): WebhookTarget {
  const url = URL.canParse(text) && text.length <= maxUrlLength ? new URL(text) : null
  if (url === null) throw refused('the URL cannot be read')
  if (url.protocol !== 'https:') throw refused('only https is delivered to')
  if (url.username !== '' || url.password !== '') throw refused('the URL has a user in it')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? 443 : Number(url.port)
  const isOnLoopback = (policy.loopbackTargets ?? []).includes(`${host}:${String(port)}`)
  if (!isOnLoopback && !(policy.ports ?? defaultPorts).includes(port)) {
    throw refused('the port is not allowed')
  }
  const target = { url, host, port, isOnLoopback }
  if (isIP(host) !== 0) refuseAddresses(target, [host])
  return target
}

/**
 * Refuses a target unless every one of its addresses is allowed: a name with one public and one
 * private address is an attack, or a mistake.
 *
 * @throws {DeliveryFailure} target_refused; the address is not named
 */
export function refuseAddresses(target: WebhookTarget, addresses: readonly string[]): void {
  const isAllowed = target.isOnLoopback ? isLoopbackAddress : isPublicAddress
  if (addresses.every((address) => isAllowed(address))) return
  throw refused('the host leads to an address that is not public')
}

/** @throws {DeliveryFailure} target_refused when a socket ended up anywhere else. */
export function refusePeer(checked: string, peer: string | undefined): void {
  const expected = canonicalAddress(checked)
  if (peer !== undefined && expected !== null && canonicalAddress(peer) === expected) return
  throw refused('the connection led to another address than the one that was checked')
}

function refused(message: string): DeliveryFailure {
  return new DeliveryFailure('target_refused', message)
}
