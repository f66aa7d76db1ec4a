import { createHmac, createPublicKey } from 'node:crypto'
import { inspect } from 'node:util'
import { SignJWT, exportSPKI } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTokenVerifier } from 'watertight/http'
import type { TokenVerifierOptions } from 'watertight/http'
import type { IdentityProvider, IssuedKey, TestClaims } from '../../test/identity-provider.js'
import { audience, issuedKey, issuer, startIdentityProvider } from '../../test/identity-provider.js'

let provider: IdentityProvider
let other: IssuedKey

beforeAll(async () => {
  provider = await startIdentityProvider('RS256')
  other = await issuedKey('other')
})
afterAll(() => provider.close())
beforeEach(() => {
  provider.publish([provider.key.publicJwk])
  provider.answer(null)
})

const seconds = (): number => Math.floor(Date.now() / 1000)

function verifier(
  options: Partial<TokenVerifierOptions> = {},
): ReturnType<typeof createTokenVerifier> {
  return createTokenVerifier({ issuer, audience, jwks: provider.jwksUrl, ...options })
}

function encoded(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** Header and claims of a good token under another header, with a signature of one's own. */
async function resigned(header: object, sign: (signed: string) => string): Promise<string> {
  const [, claims = ''] = (await provider.token()).split('.')
  const signed = `${encoded(header)}.${claims}`
  return `${signed}.${sign(signed)}`
}

function hmac(secret: string | Buffer): (signed: string) => string {
  return (signed) => createHmac('sha256', secret).update(signed).digest('base64url')
}

/** Fails unless the token is refused, and unless the error keeps token and claims to itself. */
async function refusalOf(token: string, from = verifier()): Promise<string> {
  const error: unknown = await from.verify(token).then(
    () => new Error('the token was accepted'),
    (refusal: unknown) => refusal,
  )
  expect(error).toMatchObject({ code: 'INVALID_TOKEN' })
  const everything = inspect(error, { depth: 10, showHidden: true })
  for (const part of token.split('.').filter((text) => text.length > 8)) {
    expect(everything).not.toContain(part)
  }
  expect(everything).not.toContain('org_id')
  return (error as Error).message
}

describe('a token', () => {
  it('of the issuer, for this audience, is accepted with its claims', async () => {
    const exp = seconds() + 300
    const { claims, refusedFrom } = await verifier().verify(await provider.token({ exp }))
    expect(claims).toMatchObject({ sub: 'u1', org_id: 'acme', iss: issuer })
    expect(refusedFrom).toBe(exp + 5)
  })

  it.each<[string, TestClaims, RegExp]>([
    ['that has expired', { exp: seconds() - 60 }, /has expired/],
    ['that expired at the epoch', { exp: 0 }, /has expired/],
    ['without an expiry', { exp: undefined }, /no valid expiry/],
    ['with an expiry that is a string', { exp: '99999999999' }, /no valid expiry/],
    ['that is not valid yet', { nbf: seconds() + 60 }, /not valid yet/],
    ['of another issuer', { iss: 'https://issuer.example' }, /another issuer/],
    ['without an issuer', { iss: undefined }, /another issuer/],
    ['of several issuers', { iss: [issuer] }, /another issuer/],
    ['for another audience', { aud: 'https://other.example' }, /another audience/],
    ['without an audience', { aud: undefined }, /another audience/],
    ['for no audience', { aud: [] }, /another audience/],
  ])('%s is refused', async (_name, claims, reason) => {
    const token = await provider.token(claims).catch(() => signedByHand(claims))
    expect(await refusalOf(token)).toMatch(reason)
  })

  it.each([
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['three empty parts', '..'],
    ['four parts', 'a.b.c.d'],
    ['text that is no base64url', '!!!.???.***'],
    ['a header that is an array', `${encoded('[]')}.${encoded({})}.AAAA`],
    ['a header that is no JSON', `${encoded('{')}.${encoded({})}.AAAA`],
    ['an encrypted token', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.BBBB.CCCC'],
  ])('made of %s is refused', async (_name, token) => {
    expect(await refusalOf(token)).toMatch(/malformed|algorithm/)
  })

  it('with a changed claim, or signed by a key of somebody else, is refused', async () => {
    const [header, , signature] = (await provider.token()).split('.')
    const claims = encoded({
      iss: issuer,
      aud: audience,
      sub: 'u1',
      org_id: 'globex',
      exp: seconds() + 99,
    })
    expect(await refusalOf(`${header}.${claims}.${signature}`)).toMatch(/signature/)
    expect(await refusalOf(await provider.token({}, { key: other }))).toMatch(/no key/)
    const stolenName = { ...other, kid: provider.key.kid }
    expect(await refusalOf(await provider.token({}, { key: stolenName }))).toMatch(/no key/)
  })

  it('longer than the bound is refused before it is parsed', async () => {
    const long = await provider.token({ padding: 'x'.repeat(9000) })
    expect(await refusalOf(long)).toMatch(/longer than 8192 bytes/)
    expect(await refusalOf('x'.repeat(10_000_000))).toMatch(/longer than/)
    await expect(verifier({ maxTokenBytes: 20_000 }).verify(long)).resolves.toBeDefined()
  })

  it('that is no access token of the issuer is refused by its type', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', '']) {
      const token = await provider.token({}, { header: { typ } })
      expect(await refusalOf(token)).toMatch(/another type/)
    }
    const accessToken = await provider.token({}, { header: { typ: 'application/at+jwt' } })
    await expect(verifier().verify(accessToken)).resolves.toBeDefined()
    await expect(verifier({ typ: 'at+jwt' }).verify(accessToken)).resolves.toBeDefined()
    await refusalOf(await provider.token(), verifier({ typ: 'at+jwt' }))
  })

  it('with a critical header that nobody understands is refused', async () => {
    const { privateKey } = provider.key
    const header = { alg: 'RS256', kid: 'key-1', crit: ['tenant'], tenant: 'acme' }
    const token = await new SignJWT({ iss: issuer, aud: audience, exp: seconds() + 99 })
      .setProtectedHeader(header)
      .sign(privateKey, { crit: { tenant: true } })
    expect(await refusalOf(token)).toMatch(/not supported/)
    const empty = await resigned({ alg: 'RS256', crit: [] }, () => 'AAAA')
    expect(await refusalOf(empty)).toMatch(/malformed/)
  })
})

describe('algorithm confusion', () => {
  it('by a MAC made with the public key as the secret is refused', async () => {
    const spki = await exportSPKI(provider.key.publicKey)
    const der = createPublicKey(spki).export({ format: 'der', type: 'spki' })
    for (const secret of [spki, spki.trim(), der, JSON.stringify(provider.key.publicJwk)]) {
      for (const kid of ['key-1', undefined]) {
        const token = await resigned({ alg: 'HS256', typ: 'JWT', kid }, hmac(secret))
        expect(await refusalOf(token)).toMatch(/algorithm is not accepted/)
      }
    }
  })

  it.each(['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'HS512', 'hs256'])(
    'by the algorithm %j without a signature is refused',
    async (alg) => {
      for (const signature of ['', 'AAAA']) {
        expect(await refusalOf(await resigned({ alg, typ: 'JWT' }, () => signature))).toBeDefined()
      }
    },
  )

  it('by a symmetric key in the key set is refused, whatever the token names', async () => {
    const secret = Buffer.from('a secret that the set gives away')
    const oct = { kty: 'oct', k: secret.toString('base64url'), kid: 'shared', alg: 'HS256' }
    provider.publish([oct, provider.key.publicJwk])
    const from = verifier()
    for (const kid of ['shared', undefined]) {
      await refusalOf(await resigned({ alg: 'HS256', kid }, hmac(secret)), from)
    }
    await refusalOf(await resigned({ alg: 'RS256', kid: 'shared' }, hmac(secret)), from)
    await expect(from.verify(await provider.token())).resolves.toBeDefined()
  })

  it('by a key that the token itself brings or points to is refused', async () => {
    const attacker = await issuedKey('key-1', 'RS256')
    const before = provider.fetches
    const from = verifier()
    for (const header of [
      { jwk: attacker.publicJwk },
      { jku: 'http://127.0.0.1:1/jwks.json' },
      { x5u: 'http://127.0.0.1:1/cert.pem' },
      { x5c: ['MIIB'] },
      { kid: '../../../../dev/null' },
      { kid: "' or 1=1 --" },
    ]) {
      const token = await provider.token({ org_id: 'globex' }, { key: attacker, header })
      await refusalOf(token, from)
    }
    expect(provider.fetches - before).toBe(1)
  })

  it('works against a verifier that would accept symmetric algorithms', async () => {
    // Shows that the tokens above are what an attacker needs: the check is what stops them.
    const { jwtVerify } = await import('jose')
    const spki = await exportSPKI(provider.key.publicKey)
    const token = await resigned({ alg: 'HS256', typ: 'JWT' }, hmac(spki))
    const { payload } = await jwtVerify(token, Buffer.from(spki), { issuer, audience })
    expect(payload['org_id']).toBe('acme')
  })
})

describe('clocks', () => {
  it('may differ by the tolerance and no more', async () => {
    const exp = seconds()
    const token = await provider.token({ exp, nbf: exp - 10 })
    const at = (offset: number): ReturnType<typeof verifier> =>
      verifier({ clockTolerance: 30, now: () => (exp + offset) * 1000 })
    await expect(at(29).verify(token)).resolves.toMatchObject({ refusedFrom: exp + 30 })
    expect(await refusalOf(token, at(30))).toMatch(/expired/)
    await expect(at(-40).verify(token)).resolves.toBeDefined()
    expect(await refusalOf(token, at(-41))).toMatch(/not valid yet/)
  })

  it('that jump refuse tokens while they are wrong, and fetch no keys for it', async () => {
    let now = Date.now()
    const from = verifier({ now: () => now })
    const token = await provider.token({ nbf: seconds() - 1 })
    await from.verify(token)
    const { fetches } = provider
    now += 3_600_000
    expect(await refusalOf(token, from)).toMatch(/expired/)
    now -= 7_200_000
    expect(await refusalOf(token, from)).toMatch(/not valid yet/)
    now = Date.now()
    await expect(from.verify(token)).resolves.toBeDefined()
    expect(provider.fetches).toBe(fetches)
  })
})

describe('keys given rather than fetched', () => {
  it('verify as a key set, a JWK, a KeyObject and a CryptoKey', async () => {
    const { publicJwk, publicKey } = provider.key
    const keyObject = createPublicKey(await exportSPKI(publicKey))
    const token = await provider.token()
    for (const jwks of [{ keys: [other.publicJwk, publicJwk] }, publicJwk, publicKey, keyObject]) {
      const from = verifier({ jwks })
      await expect(from.verify(token)).resolves.toBeDefined()
      const unnamed = await provider.token({}, { header: { kid: undefined } })
      await expect(from.verify(unnamed)).resolves.toBeDefined()
    }
  })

  it('are tried one after the other when neither they nor the token have a name', async () => {
    const keys = await Promise.all(['a', 'b', 'c'].map((kid) => issuedKey(kid)))
    const unnamed = keys.map(({ publicJwk: { kid: _kid, ...jwk } }) => jwk)
    const from = verifier({ jwks: { keys: unnamed } })
    for (const key of keys) {
      const header = { kid: undefined } as never
      await expect(from.verify(await provider.token({}, { key, header }))).resolves.toBeDefined()
    }
    const stranger = await issuedKey('d')
    await refusalOf(await provider.token({}, { key: stranger, header: { kid: undefined } }), from)
  })
})

describe('the options', () => {
  it.each<[string, Record<string, unknown>]>([
    ['no issuer', { issuer: undefined }],
    ['an empty issuer', { issuer: '' }],
    ['an empty list of issuers', { issuer: [] }],
    ['no audience', { audience: undefined }],
    ['an empty audience among others', { audience: ['https://api.example', ''] }],
    ['a symmetric algorithm', { algorithms: ['RS256', 'HS256'] }],
    ['the algorithm none', { algorithms: ['none'] }],
    ['no algorithm', { algorithms: [] }],
    ['no keys', { jwks: undefined }],
    ['an empty key set', { jwks: { keys: [] } }],
    ['a symmetric key', { jwks: { kty: 'oct', k: 'AAAA' } }],
    ['a private key', { jwks: { kty: 'EC', crv: 'P-256', x: 'A', y: 'B', d: 'C' } }],
    ['a plain HTTP address of another host', { jwks: 'http://issuer.example/jwks' }],
    ['a file', { jwks: 'file:///etc/passwd' }],
    ['a text that is no address', { jwks: 'jwks.json' }],
    ['a tolerance of an hour', { clockTolerance: 3600 }],
    ['a tolerance that is no number', { clockTolerance: Number.NaN }],
    ['an empty type', { typ: '' }],
  ])('with %s are refused', (_name, options) => {
    expect(() => verifier(options)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('may accept one algorithm alone, and an issuer that follows from the claims', async () => {
    await refusalOf(await provider.token(), verifier({ algorithms: ['ES256'] }))
    const byTenant = verifier({ issuer: ({ tid }) => `https://login.example/${String(tid)}/v2.0` })
    const token = await provider.token({ tid: 't1', iss: 'https://login.example/t1/v2.0' })
    await expect(byTenant.verify(token)).resolves.toBeDefined()
    await refusalOf(
      await provider.token({ tid: 't2', iss: 'https://login.example/t1/v2.0' }),
      byTenant,
    )
    await refusalOf(await provider.token({ tid: 't2' }), byTenant)
  })
})

/** For claims that the library refuses to sign. */
async function signedByHand(claims: object): Promise<string> {
  const { createSign, KeyObject } = await import('node:crypto')
  const now = seconds()
  const all = { iss: issuer, aud: audience, sub: 'u1', iat: now, exp: now + 300, ...claims }
  const signed = `${encoded({ alg: 'RS256', kid: 'key-1' })}.${encoded(all)}`
  const key = KeyObject.from(provider.key.privateKey)
  return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
}
