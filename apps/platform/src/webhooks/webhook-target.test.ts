import { describe, expect, it } from 'vitest'
import { isPublicAddress } from './public-address.js'
import { parseTarget, refuseAddresses, refusePeer } from './webhook-target.js'

const refused = expect.objectContaining({ failure: 'target_refused' })

describe('an address is not public', () => {
  it.each([
    ['this network', '0.0.0.0'],
    ['this network, another host', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback far from its start', '127.255.255.254'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local', '169.254.0.1'],
    ['the metadata service of clouds', '169.254.169.254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT, its end', '100.127.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '203.0.113.7'],
    ['benchmarking', '198.18.0.1'],
    ['6to4 relays', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-mapped private', '::ffff:10.0.0.1'],
    ['IPv4-mapped public, which hides what it is', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::7f00:1'],
    ['translated (RFC 6145)', '::ffff:0:10.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['NAT64, local', '64:ff9b:1::a00:1'],
    ['6to4 of a private one', '2002:a00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['ORCHID', '2001:20::1'],
    ['unique local', 'fc00::1'],
    ['unique local, the metadata service', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['public with a zone', '2606:4700::1111%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['discard only', '100::1'],
    ['segment routing', '5f00::1'],
    ['outside of global unicast', '4000::1'],
    ['an odd spelling', '0x7f.1'],
    ['a number', '2130706433'],
    ['nothing', ''],
  ])('%s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])(
    'but %s is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

describe('a URL is refused', () => {
  it.each([
    ['a literal loopback address', 'https://127.0.0.1/'],
    ['in decimal', 'https://2130706433/'],
    ['in hexadecimal', 'https://0x7f000001/'],
    ['in octal', 'https://0177.0.0.1/'],
    ['short', 'https://127.1/'],
    ['zero', 'https://0/'],
    ['with full-width digits', 'https://１２７.０.０.１/'],
    ['with a dot at the end', 'https://127.0.0.1./'],
    ['percent-encoded', 'https://%31%32%37.0.0.1/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv4 mapped into IPv6', 'https://[::ffff:127.0.0.1]/'],
    ['with a zone', 'https://[fe80::1%25eth0]/'],
    ['another protocol', 'http://hooks.example/'],
    ['a file', 'file:///etc/passwd'],
    ['a user in it', 'https://user@hooks.example/'],
    ['a password in it', 'https://a:b@hooks.example/'],
    ['a host behind a backslash', 'https://10.0.0.1\\@hooks.example/'],
    ['port 22', 'https://hooks.example:22/'],
    ['the port of PostgreSQL', 'https://hooks.example:5432/'],
    ['no URL', 'hooks.example'],
    ['too long', `https://hooks.example/${'x'.repeat(2000)}`],
  ])('%s', (_what, url) => {
    expect(() => parseTarget(url)).toThrow(refused)
  })

  it('unless it is a name on an allowed port', () => {
    expect(parseTarget('https://hooks.example/in')).toMatchObject({
      host: 'hooks.example',
      port: 443,
    })
    expect(parseTarget('https://hooks.example:8443/in').port).toBe(8443)
    expect(parseTarget('https://[2606:4700::1111]/in').host).toBe('2606:4700::1111')
    expect(parseTarget('https://hooks.example:9443/', { ports: [9443] }).port).toBe(9443)
  })
})

describe('addresses of a name', () => {
  const target = parseTarget('https://hooks.example/in')

  it('are refused together when one of them is not public', () => {
    expect(() => refuseAddresses(target, ['8.8.8.8', '10.0.0.1'])).toThrow(refused)
    expect(() => refuseAddresses(target, ['8.8.8.8', '2606:4700::1111'])).not.toThrow()
  })

  it('have to be loopback ones for a target that is named as lying on this machine', () => {
    const policy = { loopbackTargets: ['localhost:4711'] }
    const local = parseTarget('https://localhost:4711/', policy)
    expect(() => refuseAddresses(local, ['127.0.0.1', '::1'])).not.toThrow()
    expect(() => refuseAddresses(local, ['10.0.0.1'])).toThrow(refused)
    expect(() => refuseAddresses(local, ['8.8.8.8'])).toThrow(refused)
    expect(() => parseTarget('https://localhost:4712/', policy)).toThrow(refused)
    expect(() => refuseAddresses(parseTarget('https://localhost/', policy), ['::1'])).toThrow(
      refused,
    )
  })

  it('have to be where the connection ended up', () => {
    expect(() => refusePeer('8.8.8.8', '8.8.8.8')).not.toThrow()
    expect(() => refusePeer('2606:4700:0::1111', '2606:4700::1111')).not.toThrow()
    for (const peer of ['127.0.0.1', '8.8.4.4', undefined]) {
      expect(() => refusePeer('8.8.8.8', peer)).toThrow(refused)
    }
  })
})
