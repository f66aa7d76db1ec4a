import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  checkSigningKey,
  formatSigningKey,
  generateSigningKey,
  hmacPads,
  parseSigningKey,
} from './signing-key.js'

/** RFC 4231, sections 4.2 to 4.8 (4.6 is about truncation). */
const vectors = [
  [
    '4.2',
    '0b'.repeat(20),
    text('Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '4.3',
    text('Jefe'),
    text('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '4.4',
    'aa'.repeat(20),
    'dd'.repeat(50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
  [
    '4.5',
    '0102030405060708090a0b0c0d0e0f10111213141516171819',
    'cd'.repeat(50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
  [
    '4.7',
    'aa'.repeat(131),
    text('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    '4.8',
    'aa'.repeat(131),
    text(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
] as const

describe('hmacPads', () => {
  it.each(vectors)('yields the MAC of RFC 4231, section %s', (_section, key, data, mac) => {
    const { inner, outer } = hmacPads(Buffer.from(key, 'hex'))
    expect([inner.length, outer.length]).toEqual([64, 64])
    const digest = sha256(inner, Buffer.from(data, 'hex'))
    expect(sha256(outer, digest).toString('hex')).toBe(mac)
  })
})

describe('signing keys', () => {
  it('survive the text form', () => {
    const key = generateSigningKey('k1')
    const parsed = parseSigningKey(formatSigningKey(key))
    expect(parsed.kid).toBe('k1')
    expect(Buffer.from(parsed.secret).equals(key.secret)).toBe(true)
    expect(key.secret).toHaveLength(32)
  })

  it('are different each time', () => {
    expect(formatSigningKey(generateSigningKey())).not.toBe(formatSigningKey(generateSigningKey()))
  })

  it('stay out of logs and JSON', () => {
    const key = generateSigningKey('k1')
    const [, secret = ''] = formatSigningKey(key).split(':')
    expect(JSON.stringify(key)).toBe('{"kid":"k1"}')
    expect(inspect(key)).toBe("{ kid: 'k1' }")
    expect(inspect(key)).not.toContain(secret)
  })

  const good = Buffer.alloc(32, 7).toString('base64url')
  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no id', good],
    ['an empty id', `:${good}`],
    ['an id with a dot', `k.1:${good}`],
    ['an id of 33 characters', `${'k'.repeat(33)}:${good}`],
    ['31 bytes', `k1:${Buffer.alloc(31, 7).toString('base64url')}`],
    ['no base64url', `k1:${good}/+`],
    ['non-canonical base64url', `k1:${good.slice(0, -1)}d`],
    ['two secrets', `k1:${good}:${good}`],
  ])('are refused for %s, without repeating the secret', (_name, input) => {
    expect(() => parseSigningKey(input)).toThrow(
      expect.objectContaining({
        code: 'INVALID_SIGNING_KEY',
        message: expect.not.stringContaining(good.slice(0, 8)),
      }),
    )
  })

  it.each([undefined, '', ' '])('are missed by the name of the variable: %j', (input) => {
    expect(() => parseSigningKey(input)).toThrow(/WATERTIGHT_SIGNING_KEY/)
  })

  it('are refused as objects of the wrong shape', () => {
    for (const key of [null, {}, { kid: 'k1' }, { kid: 'k1', secret: 'x'.repeat(40) }]) {
      expect(() => checkSigningKey(key as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_SIGNING_KEY' }),
      )
    }
  })
})

function text(value: string): string {
  return Buffer.from(value).toString('hex')
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}
