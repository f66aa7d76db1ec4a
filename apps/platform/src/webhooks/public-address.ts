import ipaddr from 'ipaddr.js'

/** The block that all global unicast addresses of IPv6 come from (RFC 4291, section 2.4). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * True for a global unicast address that carries no other address inside. Everything else is a way
 * into the network that the platform runs in: private, loopback, link-local (with the metadata
 * services of clouds), carrier-grade NAT, multicast, unique local, mapped, 6to4, NAT64, Teredo.
 *
 * @param address as a resolver or a socket gives it; with a zone it is not public
 */
export function isPublicAddress(address: string): boolean {
  // SECURITY: strict forms only, since `parse` also reads 0x7f.1 and the like.
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return ipaddr.IPv4.parse(address).range() === 'unicast'
  }
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) return false
  const parsed = ipaddr.IPv6.parse(address)
  return parsed.match(globalUnicast) && parsed.range() === 'unicast'
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback'
}

/** The same text for the same address; null for what is none. */
export function canonicalAddress(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toNormalizedString() : null
}
