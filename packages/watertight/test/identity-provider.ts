import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { CryptoKey, JWK } from 'jose'

/** Claims to sign, right or wrong; those that are undefined are left out. */
export type TestClaims = Readonly<Record<string, unknown>>

/** A private key and what its issuer publishes of it. */
export interface IssuedKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

export const issuer = 'https://issuer.example/'
export const audience = 'https://api.example'

/** An issuer of tokens with a real key server, which can misbehave on demand. */
export interface IdentityProvider {
  readonly jwksUrl: string
  readonly key: IssuedKey
  /** How often the set was asked for. */
  readonly fetches: number
  /** Publishes other keys, or anything else, from now on. */
  publish(keys: readonly unknown[]): void
  /** Answers by `listener` from now on; null goes back to the published keys. */
  answer(listener: RequestListener | null): void
  /** A token of member `u1` of `acme`, valid for five minutes; claims of `undefined` are left out. */
  token(claims?: TestClaims, options?: TokenOptions): Promise<string>
  close(): Promise<void>
}

export interface TokenOptions {
  readonly key?: IssuedKey
  /** Replaces parameters of the header; those that are undefined are left out. */
  readonly header?: Readonly<Record<string, unknown>>
}

export async function issuedKey(kid: string, alg = 'ES256'): Promise<IssuedKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  return { kid, alg, privateKey, publicKey, publicJwk }
}

export async function startIdentityProvider(alg = 'ES256'): Promise<IdentityProvider> {
  const key = await issuedKey('key-1', alg)
  let published: readonly unknown[] = [key.publicJwk]
  let listener: RequestListener | null = null
  let fetches = 0
  const server = createServer((request, response) => {
    fetches += 1
    if (listener !== null) return listener(request, response)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    key,
    get fetches() {
      return fetches
    },
    publish(keys) {
      published = keys
    },
    answer(next) {
      listener = next
    },
    token: (claims, options) => signed(key, claims, options),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function signed(
  own: IssuedKey,
  claims: TestClaims = {},
  options: TokenOptions = {},
): Promise<string> {
  const key = options.key ?? own
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: issuer,
    aud: audience,
    sub: 'u1',
    org_id: 'acme',
    iat: now,
    exp: now + 300,
  }
  const header = { alg: key.alg, kid: key.kid, typ: 'JWT', ...options.header }
  return new SignJWT({ ...payload, ...claims }).setProtectedHeader(header).sign(key.privateKey)
}
