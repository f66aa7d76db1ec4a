import { createHmac } from 'node:crypto'
import { exportSPKI } from 'jose'
import type { IdentityProvider, TestClaims } from './identity-provider.js'
import { issuedKey } from './identity-provider.js'

/** A request that must not reach a handler: its Authorization headers, and the answer to it. */
export interface BadIdentity {
  readonly name: string
  readonly status: number
  readonly code: string
  authorization(provider: IdentityProvider): Promise<readonly string[]>
}

type MakeToken = (provider: IdentityProvider) => Promise<string>

const now = (): number => Math.floor(Date.now() / 1000)

function bearer(name: string, make: MakeToken, status = 401, code = 'INVALID_TOKEN'): BadIdentity {
  const authorization: BadIdentity['authorization'] = async (provider) => [
    `Bearer ${await make(provider)}`,
  ]
  return { name, status, code, authorization }
}

function values(
  name: string,
  make: (token: string) => string[],
  code = 'INVALID_TOKEN',
): BadIdentity {
  const authorization: BadIdentity['authorization'] = async (provider) =>
    make(await provider.token())
  return { name, status: 401, code, authorization }
}

function claims(name: string, extra: () => TestClaims): BadIdentity {
  return bearer(name, (provider) => provider.token(extra()))
}

function tenant(name: string, org_id: unknown): BadIdentity {
  return bearer(`the tenant ${name}`, (provider) => provider.token({ org_id }), 400, 'NO_TENANT')
}

async function resigned(
  provider: IdentityProvider,
  header: object,
  secret: string | null,
): Promise<string> {
  const [, payload = ''] = (await provider.token()).split('.')
  const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
  const mac = secret === null ? '' : createHmac('sha256', secret).update(signed).digest('base64url')
  return `${signed}.${mac}`
}

/** A header that tells a verifier to use a key of the attacker. */
function withAttackerKey(name: string, header: object): BadIdentity {
  return bearer(name, async (provider) => {
    const key = await issuedKey(provider.key.kid)
    return provider.token({}, { key, header: { jwk: key.publicJwk, ...header } })
  })
}

export const badIdentities: readonly BadIdentity[] = [
  values('no Authorization header', () => [], 'UNAUTHENTICATED'),
  values('an empty one', () => [''], 'UNAUTHENTICATED'),
  values('the scheme Basic', () => [`Basic ${btoa('u1:password')}`], 'UNAUTHENTICATED'),
  values('the scheme Basic with a good token', (token) => [`Basic ${token}`], 'UNAUTHENTICATED'),
  values('a token without a scheme', (token) => [token], 'UNAUTHENTICATED'),
  values('a scheme without a token', () => ['Bearer'], 'INVALID_TOKEN'),
  values('two equal headers', (token) => [`Bearer ${token}`, `Bearer ${token}`]),
  values('a good header after another', (token) => ['Bearer a.b.c', `Bearer ${token}`]),
  values('a good header before another', (token) => [`Bearer ${token}`, 'Basic dTE6cA==']),
  values('two tokens in one header', (token) => [`Bearer ${token}, Bearer ${token}`]),
  values('a token with something behind it', (token) => [`Bearer ${token} tenant=globex`]),
  values('a token that is quoted', (token) => [`Bearer "${token}"`]),
  values('a token cut short', (token) => [`Bearer ${token.slice(0, -8)}`]),
  bearer('a token of 9000 bytes', (provider) => provider.token({ padding: 'x'.repeat(6000) })),
  bearer('garbage', async () => 'undefined'),
  bearer('a token that is the word null', async () => 'null'),
  claims('an expired token', () => ({ exp: now() - 60 })),
  claims('a token that is not valid yet', () => ({ nbf: now() + 60 })),
  claims('a token without an expiry', () => ({ exp: undefined })),
  claims('a token of another issuer', () => ({ iss: 'https://evil.example/' })),
  claims('a token for another audience', () => ({ aud: 'https://other.example' })),
  claims('a token without an audience', () => ({ aud: undefined })),
  claims('a token without a user', () => ({ sub: undefined })),
  bearer('HS256 by the public key', async (provider) =>
    resigned(provider, { alg: 'HS256', typ: 'JWT' }, await exportSPKI(provider.key.publicKey)),
  ),
  bearer('HS256 by the public key as JWK, with its name', (provider) =>
    resigned(provider, { alg: 'HS256', kid: 'key-1' }, JSON.stringify(provider.key.publicJwk)),
  ),
  bearer('the algorithm none', (provider) => resigned(provider, { alg: 'none' }, null)),
  withAttackerKey('a key inside of the token', {}),
  withAttackerKey('the address of a key set', { jku: 'http://127.0.0.1:1/jwks' }),
  withAttackerKey('the address of a certificate', { x5u: 'http://127.0.0.1:1/cert' }),
  tenant('undefined', undefined),
  tenant('null', null),
  tenant('empty', ''),
  tenant('of white space', '  '),
  tenant('with white space around it', ' acme'),
  tenant('with a NUL', 'ac\0me'),
  tenant('a number', 42),
  tenant('a list', ['acme']),
  tenant('an object', { id: 'acme' }),
  tenant('a truth value', true),
  tenant('of a thousand characters', 'x'.repeat(1000)),
  tenant('of broken Unicode', '\ud800'),
  bearer(
    'capabilities that are no list',
    (p) => p.token({ permissions: 7 }),
    400,
    'INVALID_CONTEXT',
  ),
]
